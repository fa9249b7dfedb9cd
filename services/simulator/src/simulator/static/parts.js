// How many parts a text takes: GSM-7 (160, then 153 a part) if every letter allows it, else UCS-2 (70, then 67).

const BASIC =
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
  "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
const EXTENDED = "^{}\\[~]|€\f";
const WIDTH = new Map([...BASIC].map((letter) => [letter, 1]).concat([...EXTENDED].map((letter) => [letter, 2])));

export function split(text) {
  let septets = 0;
  for (const letter of text) {
    const width = WIDTH.get(letter);
    if (width === undefined) return counted(text.length, 70, 67);
    septets += width;
  }
  return counted(septets, 160, 153);
}

function counted(units, single, part) {
  const number = units <= single ? 1 : Math.ceil(units / part);
  return { number, units, room: number === 1 ? single : number * part };
}
