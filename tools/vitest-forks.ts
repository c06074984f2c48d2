/**
 * A vitest pool of processes that says what ended one. Vitest's own says "Worker exited unexpectedly", and what the process had not
 * run yet is not run. Here the error names the file under way, exit code and signal, and another process runs what is left, that
 * file first. A file that ends two processes is given up.
 */
import { EventEmitter } from 'node:events';
import { relative } from 'node:path';
import { ForksPoolWorker, type PoolOptions, type PoolWorker } from 'vitest/node';

type Message = Parameters<PoolWorker['send']>[0];
type Task = Extract<Message, { type: 'run' }>;
type Files = Task['context']['files'];

/** What is read of a process' messages: its answers, and the calls that it makes, `m` with arguments `a`. */
interface Response {
  readonly __vitest_worker_response__?: true;
  readonly type?: string;
  readonly error?: unknown;
  readonly m?: string;
  readonly a?: readonly unknown[];
}

/** Processes that one file may end. */
const MOST_ENDS = 2;

class WatchedForks implements PoolWorker {
  readonly name = 'watched-forks';
  readonly cacheFs = true;
  readonly #options: PoolOptions;
  readonly #events = new EventEmitter();
  #process: ForksPoolWorker;
  /** What each process hears first. */
  #start: Message | undefined;
  /** What is being run, of its files those that are not done: the one under way first. */
  #task: Task | undefined;
  /** Those before it. What came of the last of them may be lost with the process. */
  #before: Files = [];
  /** Files of the task. */
  #total = 0;
  /** Processes that the one under way has ended. */
  #ends = 0;
  #replacing = false;
  #stopping = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#process = new ForksPoolWorker(options);
  }

  on(event: string, callback: (argument: unknown) => void): void {
    this.#events.on(event, callback);
  }

  off(event: string, callback: (argument: unknown) => void): void {
    this.#events.off(event, callback);
  }

  deserialize(data: unknown): unknown {
    return data;
  }

  async start(): Promise<void> {
    const ended = (code: number | null, signal?: NodeJS.Signals | null) => this.#ended(code, signal ?? undefined);
    await this.#process.start();
    this.#process.on('exit', ended);
    this.#process.on('error', (error) => this.#events.emit('error', error));
    this.#process.on('message', (message) => this.#hear(message));
  }

  send(message: Message): void {
    if (message.type === 'start') this.#start = message;
    if (message.type === 'stop') this.#stopping = true;
    if (message.type === 'run') {
      this.#task = message;
      this.#before = [];
      this.#total = message.context.files.length;
      this.#ends = 0;
    }
    this.#process.send(message);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#process.stop();
  }

  #hear(message: Response): void {
    if (this.#replacing && message.type === 'started' && !message.error) {
      this.#replaced();
      return;
    }
    if (message.type === 'testfileFinished') this.#task = undefined;
    if (message.m === 'onQueued') this.#begun((message.a![0] as { filepath: string }).filepath);
    this.#events.emit('message', message);
  }

  /** A file is under way: those before it are done. */
  #begun(path: string): void {
    const files = this.#task?.context.files ?? [];
    const at = files.findIndex(({ filepath }) => filepath === path);
    if (at <= 0) return;
    this.#before.push(...files.slice(0, at));
    this.#leave(files.slice(at));
    this.#ends = 0;
  }

  #leave(files: Files): void {
    this.#task = { ...this.#task!, context: { ...this.#task!.context, files } };
  }

  /** Whether it is known what came of a file. */
  #isKnown({ filepath }: Files[number]): boolean {
    const { project } = this.#options;
    const module = project.vitest.state.getTestModules().find((m) => m.project === project && m.moduleId === filepath);
    return module !== undefined && !['queued', 'pending'].includes(module.state());
  }

  #ended(code: number | null, signal: NodeJS.Signals | undefined): void {
    const task = this.#task;
    if (this.#stopping || !task || !this.#start) {
      this.#events.emit('exit', code);
      return;
    }
    const { project } = this.#options;
    const [file, ...after] = task.context.files as [Files[number], ...Files];
    const path = relative(project.config.root, file.filepath);
    const givenUp = ++this.#ends === MOST_ENDS;
    const again = this.#before.filter((before) => !this.#isKnown(before));
    this.#before = [];
    this.#leave([...(givenUp ? [] : [file]), ...again, ...after]);
    if (givenUp) this.#ends = 0;
    const left = `Another process runs what is left, ${this.#task!.context.files.length} of ${this.#total} files`;
    const next = givenUp
      ? `It is the second process that this file has ended: it is given up. ${left}.`
      : `${left}, this one first.`;
    const how = signal ? `signal ${signal}` : `exit code ${code}`;
    const error = new Error(`the process of ${project.name} ended with ${how} while ${path} was under way. ${next}`);
    error.stack = ''; // of no use
    project.vitest.state.catchError(error, 'Process Ended');
    this.#goOn(this.#start).catch((cause) => this.#events.emit('error', cause));
  }

  async #goOn(start: Message): Promise<void> {
    this.#replacing = true;
    this.#process = new ForksPoolWorker(this.#options);
    await this.start();
    this.#process.send(start);
  }

  /** The process in the place of one that ended is there. */
  #replaced(): void {
    this.#replacing = false;
    if (this.#task!.context.files.length > 0) this.#process.send(this.#task!);
    else this.#hear({ type: 'testfileFinished', __vitest_worker_response__: true });
  }
}

/** For `pool` of a project in Node. */
export const watchedForks = {
  name: 'watched-forks',
  createPoolWorker: (options: PoolOptions) => new WatchedForks(options),
};
