/** WebGPU under Node: how a GPU is found, what is said where there is none, and how a user's own script gets one. */
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { DeviceError, layers, requestDevice, sequential } from '../src/index.ts';
import { nodeGpu, swiftShaderFolders, vulkanLoaders } from '../tools/node/chromium.ts';
import { findGpu } from '../tools/node/gpu.ts';
import { ownErrors } from './support/process.ts';

const root = resolve(import.meta.dirname, '..');

/** Runs a module in a process of its own, as drivers and libraries are the process'. */
function run(code: string, env: Record<string, string | undefined> = {}) {
  const { VK_DRIVER_FILES: _, VK_ICD_FILENAMES: __, ...inherited } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--input-type=module', '-e', code],
    { cwd: root, encoding: 'utf8', env: { ...inherited, ...env }, timeout: 60_000 },
  );
  return { status, stdout: stdout.trim(), stderr: ownErrors(stderr), remarks: stderr };
}

/** What `findGpu` or `nodeGpu` says where it finds nothing. */
function complaint(call: string, env: Record<string, string | undefined> = {}): string {
  const { stdout, stderr, status } = run(
    `import { findGpu } from './tools/node/gpu.ts';
    import { nodeGpu } from './tools/node/chromium.ts';
    await ${call}.then(() => console.log('found one'), (error) => console.log(error.name + ': ' + error.message));`,
    env,
  );
  expect(status, stderr).toBe(0);
  expect(stdout).toMatch(/^NoGpuError: [^\n]+$/);
  return stdout;
}

describe('a GPU under Node', () => {
  test('is found, and computes for the engine', async () => {
    const { gpu, driver } = await nodeGpu();
    expect(driver).not.toBe('');
    const device = await requestDevice({ gpu });
    expect(device.description).not.toBe('unnamed adapter');
    expect(device.provider).toBe(gpu);
    device.destroy();
  });

  test('missing global constants are reported for a device of any origin', async () => {
    const { gpu } = await nodeGpu();
    const own = await (await gpu.requestAdapter())!.requestDevice();
    vi.stubGlobal('GPUBufferUsage', undefined);
    const model = sequential([layers.dense({ inputShape: [2], units: 1 })]);
    for (const call of [() => requestDevice({ gpu }), () => model.compile({ device: own })]) {
      await expect(call()).rejects.toThrow(DeviceError);
      await expect(call()).rejects.toThrow(/no globals.*Object\.assign\(globalThis, globals\)/);
    }
    vi.unstubAllGlobals();
    own.destroy();
  });

  test('Chromium brings a driver and a loader along', { skip: process.platform !== 'linux' }, () => {
    expect(swiftShaderFolders().length).toBeGreaterThan(0);
    expect(vulkanLoaders().length).toBeGreaterThan(0);
  });

  test('the driver that the user names is used, and no other', { skip: process.platform !== 'linux' }, () => {
    const manifest = join(swiftShaderFolders()[0]!, 'vk_swiftshader_icd.json');
    const found = `import { nodeGpu } from './tools/node/chromium.ts'; console.log((await nodeGpu()).driver);`;
    expect(run(found, { VK_DRIVER_FILES: manifest })).toMatchObject({
      status: 0,
      stdout: `VK_DRIVER_FILES=${manifest}`,
    });
    expect(complaint('nodeGpu()', { VK_DRIVER_FILES: '/nowhere.json' })).toMatch(
      /no GPU.*tried VK_DRIVER_FILES=\/nowhere\.json.*mesa-vulkan-drivers/,
    );
  });

  test('a driver of no use is passed over without a word', { skip: process.platform !== 'linux' }, () => {
    const driver = swiftShaderFolders().map((folder) => join(folder, 'vk_swiftshader_icd.json'))[0];
    const { stdout, remarks } = run(
      `import { vulkanLoaders } from './tools/node/chromium.ts';
      import { findGpu } from './tools/node/gpu.ts';
      const drivers = ['/nowhere.json', ${JSON.stringify(driver)}].map((manifest) => ({ name: manifest, manifest }));
      console.log((await findGpu({ loaders: vulkanLoaders(), drivers, ownSoftwareFirst: true })).driver);
      process.exit();`,
    );
    expect(remarks).toBe('');
    expect(stdout).toBe(driver);
  });

  test('Mesa is not asked before it has a folder for Wayland, without which that writes errors', async () => {
    const seen: (string | undefined)[] = [];
    const requestAdapter = async () => {
      seen.push(process.env.XDG_RUNTIME_DIR);
      return { info: { isFallbackAdapter: false } };
    };
    const load = async () => ({ globals: {}, create: () => ({ requestAdapter }) }) as never;
    try {
      for (const own of ['', '/of/the/user']) {
        vi.stubEnv('XDG_RUNTIME_DIR', own || undefined);
        await findGpu({ load, loaders: vulkanLoaders(), drivers: [{ name: 'any', manifest: '/any.json' }] });
        expect(process.env.XDG_RUNTIME_DIR).toBe(own || undefined);
      }
    } finally {
      vi.unstubAllEnvs();
    }
    expect(seen).toEqual([tmpdir(), '/of/the/user']);
  });

  test('shared memory does not end the process', () => {
    const { status, stdout } = run(`
      import { nodeGpu } from './tools/node/chromium.ts';
      import { requestDevice } from './src/runtime/device.ts';
      import { VariableStore } from './src/runtime/storage.ts';
      const { gpu } = await nodeGpu({ quickToCompile: true });
      const store = new VariableStore(await requestDevice({ gpu }));
      const shared = new Float32Array(new SharedArrayBuffer(16)).fill(3);
      const variable = { name: 'w', shape: [4], dtype: 'f32', initial: () => shared };
      console.log((await store.read(variable)).join());
      process.exit(0);`);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '3,3,3,3' });
  });

  test('a device lives on when only the engine holds it, and the process ends by itself', () => {
    const { status, stdout, stderr } = run(`
      import { nodeGpu } from './tools/node/chromium.ts';
      import { requestDevice } from './src/runtime/device.ts';
      const { create, globals } = await import('webgpu');
      await nodeGpu(); // finds loader and driver
      let gpu = process.platform === 'linux' ? undefined : create([]);
      const driver = ${JSON.stringify(swiftShaderFolders().map((folder) => join(folder, 'vk_swiftshader_icd.json'))[0])};
      if (driver && !process.env.VK_DRIVER_FILES) process.env.VK_DRIVER_FILES = process.env.VK_ICD_FILENAMES = driver;
      gpu ??= create([]);
      const device = await requestDevice({ gpu });
      gpu = undefined;
      for (let i = 0; i < 5; i++) { globalThis.gc(); await new Promise((done) => setTimeout(done, 20)); }
      const buffer = device.createBuffer('x', 16, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
      device.gpu.queue.writeBuffer(buffer, 0, new Float32Array([1, 2, 3, 4]));
      await buffer.mapAsync(GPUMapMode.READ);
      globalThis.held = device;
      console.log([...new Float32Array(buffer.getMappedRange())].join());
    `);
    expect(stderr).toBe('');
    expect(stdout).toBe('1,2,3,4');
    expect(status).toBe(0);
  });
});

test('a device that was destroyed or lost is collected, even if something listened to its errors', () => {
  const { status, stdout, stderr } = run(`
    import { nodeGpu } from './tools/node/chromium.ts';
    import { requestDevice } from './src/runtime/device.ts';
    const { gpu } = await nodeGpu({ quickToCompile: true });
    const ends = [(device) => device.destroy(), (device) => device.gpu.destroy()];
    const made = async (end) => {
      const device = await requestDevice({ gpu });
      const ended = device.gpu.lost;
      end(device);
      await ended;
      return new WeakRef(device);
    };
    const refs = [];
    for (const end of ends) refs.push(await made(end));
    for (let i = 0; i < 10; i++) { globalThis.gc(); await new Promise((done) => setTimeout(done, 20)); }
    console.log(refs.filter((ref) => ref.deref()).length);
    process.exit();
  `);
  expect(stderr).toBe('');
  expect(stdout).toBe('0');
  expect(status).toBe(0);
});

describe('no GPU under Node: one line that says what to do', () => {
  test.each([
    ['no package', `import('webgpu-is-not-here')`, /not installed: npm install webgpu/],
    [
      'no binary for this platform',
      `import('node:module').then(({ createRequire }) => createRequire(process.cwd() + '/')('./no/dawn.node'))`,
      /no binary for .* use a browser/,
    ],
    [
      'a binary that does not load',
      `process.dlopen({ exports: {} }, process.cwd() + '/package.json')`,
      /does not load/,
    ],
  ])('%s', (_, load, message) => {
    expect(complaint(`findGpu({ load: async () => await ${load} })`)).toMatch(message);
  });

  test('no driver', { skip: process.platform !== 'linux' }, () => {
    const { stdout } = run(
      `import { vulkanLoaders } from './tools/node/chromium.ts';
      import { findGpu } from './tools/node/gpu.ts';
      const search = { loaders: vulkanLoaders(), remedy: 'Or borrow one.' };
      await findGpu(search).then(({ driver }) => console.log(driver), ({ message }) => console.log(message));`,
      { HOME: '/nowhere', XDG_DATA_DIRS: '/nowhere', XDG_CONFIG_DIRS: '/nowhere' },
    );
    // A machine with a driver in /etc, or NVIDIA's libraries, has one all the same.
    const none = /^no GPU that WebGPU can use \(.*\)\. .*Vulkan driver.* Or borrow one\.$/;
    expect(stdout).toMatch(new RegExp(`${none.source}|^the system's Vulkan driver$|^lib(GLX|EGL)_nvidia`));
  });

  test('the engine without WebGPU names the package; with it, what is missing', () => {
    const alone = run(
      `import { requestDevice } from './src/runtime/device.ts';
      await requestDevice().catch(({ name, message }) => console.log(name, message));
      const none = { requestAdapter: async () => null };
      await requestDevice({ gpu: none }).catch(({ name, message }) => console.log(name, message));
      Object.assign(globalThis, (await import('webgpu')).globals);
      await requestDevice({ gpu: none }).catch(({ name, message }) => console.log(name, message));`,
    );
    const [package_, globals, adapter] = alone.stdout.split('\n');
    expect(package_).toMatch(/^DeviceError .*npm package webgpu.*requestDevice\(\{ gpu: create\(\[\]\) \}\)/);
    expect(globals).toMatch(/^DeviceError .*Object\.assign\(globalThis, globals\)/);
    expect(adapter).toMatch(/^DeviceError .*no adapter.*libvulkan\.so\.1.*VK_DRIVER_FILES/);
  });
});
