// How many SMS a text takes: GSM-7 (160, then 153 a part) if every letter allows it, else UCS-2 (70, then 67).
// The same as libs/envelope's `parts`; a test holds the two together.

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "^{}\\[~]|€\f";
const WIDTH = new Map([...BASIC].map((letter) => [letter, 1]).concat([...EXTENDED].map((letter) => [letter, 2])));

export function estimate(text) {
  const letters = [...text];
  const septets = letters.map((letter) => WIDTH.get(letter));
  if (septets.every((width) => width !== undefined)) return { encoding: "gsm7", parts: counted(septets, 160, 153) };
  return { encoding: "ucs2", parts: counted(letters.map((letter) => letter.length), 70, 67) };
}

// Filled in order: a character of two units that does not fit whole begins the next part.
function counted(widths, single, joined) {
  if (widths.reduce((sum, width) => sum + width, 0) <= single) return 1;
  let parts = 1;
  let used = 0;
  for (const width of widths) {
    used += width;
    if (used > joined) {
      parts += 1;
      used = width;
    }
  }
  return parts;
}
