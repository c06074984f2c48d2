import { describe, expect, it } from 'vitest';
import type { Role } from '../../demo/lab/protocol/index.ts';
import { countImages, listOf } from '../../demo/lab/sections/data/countImages.ts';
import { filesOf } from '../../demo/lab/sections/data/droppedFiles.ts';
import { galleryRows } from '../../demo/lab/sections/data/galleryRows.ts';
import { fitRoles } from '../../demo/lab/state/fitRoles.ts';

/** Real, fake, real, fake, … `each` of both, in each of the segments. */
function dataOf(segments: number[], each: number) {
  const size = 2 * each * segments.length;
  return {
    labels: Int32Array.from({ length: size }, (_, row) => row % 2),
    segments: Int32Array.from({ length: size }, (_, row) => segments[Math.floor(row / (2 * each))]!),
  };
}

const rolesOf = (letters: string): Role[] =>
  [...letters].map((l) => (({ t: 'train', v: 'validate', e: 'test', '-': 'unused' }) as Record<string, Role>)[l]!);

describe('galleryRows', () => {
  const data = dataOf([0, 7], 3); // rows 0 to 5: segment 0; 6 to 11: segment 7

  it('lets segments take turns', () => {
    expect(galleryRows(data, { label: 0, segment: undefined, page: 0, count: 4 })).toEqual([0, 6, 2, 8]);
    expect(galleryRows(data, { label: 1, segment: undefined, page: 0, count: 4 })).toEqual([1, 7, 3, 9]);
  });

  it('goes on with other images, and begins again after the last', () => {
    expect(galleryRows(data, { label: 0, segment: undefined, page: 1, count: 4 })).toEqual([4, 10, 0, 6]);
  });

  it('keeps to a segment, and shows none twice', () => {
    expect(galleryRows(data, { label: 1, segment: 7, page: 0, count: 8 })).toEqual([7, 9, 11]);
    expect(galleryRows(data, { label: 1, segment: 3, page: 2, count: 8 })).toEqual([]);
  });
});

describe('countImages', () => {
  it('counts both classes by segment, in order', () => {
    const data = { labels: Int32Array.of(1, 0, 0, 1, 0), segments: Int32Array.of(7, 7, 2, 2, 2) };
    expect(countImages(data)).toEqual([
      { segment: 2, real: 2, fake: 1 },
      { segment: 7, real: 1, fake: 1 },
    ]);
  });

  it('lists what there is', () => {
    expect([listOf([]), listOf([3]), listOf([0, 1]), listOf([0, 1, 7])]).toEqual(['', '3', '0 and 1', '0, 1 and 7']);
  });
});

describe('fitRoles', () => {
  const roles = rolesOf('tt-----eee');

  it('leaves roles that work', () => {
    expect(fitRoles(roles, [0, 7])).toBe(roles);
    expect(fitRoles(roles, [0, 0, 1, 7, 8])).toBe(roles);
    expect(fitRoles(roles, [0])).toBe(roles);
  });

  it('trains on the lowest and tests on the highest where none trains', () => {
    expect(fitRoles(roles, [7, 8, 9])).toEqual(rolesOf('-------tte'));
    expect(fitRoles(roles, [2, 3])).toEqual(rolesOf('--te------'));
    expect(fitRoles(roles, [9, 4, 5, 6, 8, 7])).toEqual(rolesOf('----ttttee'));
  });

  it('keeps a segment for the test where there are two', () => {
    expect(fitRoles(roles, [0, 1])).toEqual(rolesOf('te--------'));
  });

  it('trains on the only one', () => {
    expect(fitRoles(roles, [5])).toEqual(rolesOf('-----t----'));
  });
});

describe('filesOf', () => {
  /** A folder's entry that gives its children in batches, as browsers do. */
  function folder(fullPath: string, children: FileSystemEntry[]): FileSystemEntry {
    const createReader = () => {
      const rest = [...children];
      return { readEntries: (resolve: (entries: FileSystemEntry[]) => void) => resolve(rest.splice(0, 2)) };
    };
    return { isFile: false, fullPath, createReader } as unknown as FileSystemEntry;
  }

  function file(fullPath: string): FileSystemEntry {
    const read = (resolve: (file: File) => void) => resolve(new File([], fullPath.split('/').at(-1)!));
    return { isFile: true, fullPath, file: read } as unknown as FileSystemEntry;
  }

  it('walks folders, batch after batch', async () => {
    const fakes = ['1', '2', '3', '4', '5'].map((n) => file(`/set/fake/${n}.png`));
    const found = await filesOf(
      folder('/set', [folder('/set/fake', fakes), folder('/set/none', []), file('/set/real_1.png')]),
    );
    expect(found.map(({ path }) => path)).toEqual([
      'set/fake/1.png',
      'set/fake/2.png',
      'set/fake/3.png',
      'set/fake/4.png',
      'set/fake/5.png',
      'set/real_1.png',
    ]);
    expect(found[0]!.file.name).toBe('1.png');
  });

  it('gives up on a folder that has no end', async () => {
    let given = 0;
    const endless = {
      isFile: false,
      fullPath: '/disk',
      createReader: () => ({
        readEntries(resolve: (entries: FileSystemEntry[]) => void) {
          given += 100;
          resolve(Array.from({ length: 100 }, (_, i) => file(`/disk/${given + i}.png`)));
        },
      }),
    } as unknown as FileSystemEntry;
    await expect(filesOf(endless)).rejects.toThrow(/more than 20000 files/);
    expect(given).toBeLessThan(20_200);
  });

  it('takes a folder of more files than a call has arguments', async () => {
    const many = Array.from({ length: 15_000 }, (_, i) => file(`/set/fake/${i}.png`));
    expect(await filesOf(folder('/set', [folder('/set/fake', many)]))).toHaveLength(15_000);
  });
});
