/** As `<` orders code points. JavaScript's own order is by halves of them: it has U+1D11E before U+FF5E. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (one !== other) {
      // A surrogate is a half of what is beyond all that has no halves.
      return Number(isSurrogate(one)) - Number(isSurrogate(other)) || one - other;
    }
  }
  return a.length - b.length;
}

const isSurrogate = (unit: number) => unit >= 0xd800 && unit < 0xe000;
