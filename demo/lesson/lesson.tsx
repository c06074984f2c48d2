/** A page of the lecture: its title, what it is about, and what computes its numbers. */
import type { ComponentChildren } from 'preact';
import { Frame } from '../frame/mount.tsx';
import { addressOf, type PageName } from '../frame/pages.ts';
import '../styles/lesson.css';
import '../styles/lessonIntro.css';
import { machine } from './device.ts';

export function Lesson({
  computes = true,
  ...props
}: {
  page: PageName;
  title: string;
  lead: ComponentChildren;
  /** Whether there are numbers on it that a GPU computes; it says what does. */
  computes?: boolean;
  children?: ComponentChildren;
}) {
  return (
    <Frame page={props.page}>
      <header class="intro lesson-intro">
        <h1>{props.title}</h1>
        <div class="intro-words">
          <p>{props.lead}</p>
          {computes && <ComputedBy />}
        </div>
      </header>
      {props.children}
    </Frame>
  );
}

/** In the same space whatever it says; nothing until a number was asked for. */
function ComputedBy() {
  const { value } = machine;
  return (
    <p class={`computed-by note ${value.state}`} role="status">
      {value.state === 'missing' && (
        <>
          There is no GPU that this page may use: JavaScript computes all numbers “by hand”, with 64 bits.{' '}
          <a href={addressOf('machine')}>How to get WebGPU</a>
        </>
      )}
      {value.state === 'ready' &&
        `Your GPU computes the numbers, and JavaScript the same “by hand”, with 64 bits. The GPU: ${value.description}`}
    </p>
  );
}
