/** What a picture's file says of its size. A browser says that only of a picture that it has decoded, and fills the memory with. */

export interface Size {
  width: number;
  height: number;
}

/** Undefined for a file of another format, and for one that is damaged before it says its size. */
export function pictureSize(bytes: Uint8Array<ArrayBuffer>): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const size = [png, jpeg, webp, gif, bmp].map((read) => read(view)).find((size) => size !== undefined);
    return size && size.width > 0 && size.height > 0 ? size : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends before
    throw error;
  }
}

/** Whether these letters stand there. */
function says(view: DataView, at: number, letters: string): boolean {
  if (view.byteLength < at + letters.length) return false;
  return [...letters].every((letter, i) => view.getUint8(at + i) === letter.charCodeAt(0));
}

/** https://www.w3.org/TR/png/#11IHDR */
function png(view: DataView): Size | undefined {
  if (!says(view, 0, '\x89PNG\r\n\x1a\n') || !says(view, 12, 'IHDR')) return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** The first frame header, behind segments of which each says its length: https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annex B. */
function jpeg(view: DataView): Size | undefined {
  if (!says(view, 0, '\xff\xd8')) return undefined;
  for (let at = 2; view.getUint8(at) === 0xff; ) {
    const marker = view.getUint8(++at);
    if (marker === 0xff) continue; // may be repeated
    // Those without a length, which decoders pass over in ways of their own, and the pixels, which need a frame before them.
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda)) return undefined;
    const isFrame = marker < 0xd0 && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 6), height: view.getUint16(at + 4) };
    at += 1 + view.getUint16(at + 1);
  }
  return undefined;
}

/** https://developers.google.com/speed/webp/docs/riff_container */
function webp(view: DataView): Size | undefined {
  if (!says(view, 0, 'RIFF') || !says(view, 8, 'WEBP')) return undefined;
  if (says(view, 12, 'VP8 ') && says(view, 23, '\x9d\x01\x2a')) {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (says(view, 12, 'VP8L') && says(view, 20, '\x2f')) {
    const bits = view.getUint32(21, true);
    return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
  }
  if (!says(view, 12, 'VP8X')) return undefined;
  const three = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  return { width: 1 + three(24), height: 1 + three(27) };
}

/** The screen or the first frame, as browsers enlarge the screen for that: https://www.w3.org/Graphics/GIF/spec-gif89a.txt */
function gif(view: DataView): Size | undefined {
  if (!says(view, 0, 'GIF87a') && !says(view, 0, 'GIF89a')) return undefined;
  const colours = view.getUint8(10);
  let at = 13 + (colours & 0x80 ? 3 * 2 ** (1 + (colours & 7)) : 0);
  while (view.getUint8(at) === 0x21) {
    at += 2;
    while (view.getUint8(at) > 0) at += 1 + view.getUint8(at);
    at++;
  }
  if (view.getUint8(at) !== 0x2c) return undefined;
  const [left, top, width, height] = [1, 3, 5, 7].map((offset) => view.getUint16(at + offset, true));
  return {
    width: Math.max(view.getUint16(6, true), left! + width!),
    height: Math.max(view.getUint16(8, true), top! + height!),
  };
}

/**
 * https://learn.microsoft.com/windows/win32/api/wingdi/ns-wingdi-bitmapinfoheader, or an older one of 12 bytes; a negative height
 * begins at the top. Some hold a JPEG or a PNG (compression 4 and 5), which has a size of its own.
 */
function bmp(view: DataView): Size | undefined {
  if (!says(view, 0, 'BM')) return undefined;
  if (view.getUint32(14, true) === 12) return { width: view.getUint16(18, true), height: view.getUint16(20, true) };
  if ([4, 5].includes(view.getUint32(30, true))) return undefined;
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}
