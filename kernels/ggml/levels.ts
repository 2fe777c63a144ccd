/** Blocks whose codes are looked up in 16 levels, and ternary ones. */
import { smallFloatTable } from "../exact/small-float.ts";
import { half, uint16 } from "./fields.ts";
import { IQ4_LEVELS } from "./names.ts";
import { type DecodeBlock, SUPER } from "./types.ts";

/** Twice the values of E2M1, so that they are integers; the scales are halved for it. */
export const E2M1_DOUBLED = Int8Array.of(0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12);

/** As Q4_0, with levels. */
export const iq4_nl: DecodeBlock = (bytes, at, out, to) => {
  pairs(bytes, at + 2, 16, half(bytes, at), IQ4_LEVELS, out, to);
};

/** 8 sub-blocks of 32: d, the high two bits of their 6-bit scales (for -32 to 31), the low four, then blocks as in IQ4_NL. */
export const iq4_xs: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at);
  const high = uint16(bytes, at + 2);
  for (let sub = 0; sub < 8; sub++) {
    const low = (bytes[at + 4 + (sub >> 1)] >> (4 * (sub & 1))) & 15;
    const scale = d * ((low | (((high >> (2 * sub)) & 3) << 4)) - 32);
    pairs(bytes, at + 8 + 16 * sub, 16, scale, IQ4_LEVELS, out, to + 32 * sub);
  }
};

/** An E8M0 byte (255 is 2^128 here and not NaN), then nibbles as in Q4_0. */
export const mxfp4: DecodeBlock = (bytes, at, out, to) => {
  pairs(bytes, at + 1, 16, 2 ** (bytes[at] - 128), E2M1_DOUBLED, out, to);
};

/** Four UE4M3 scales, then four sub-blocks of 16: low nibble is element j, high is j + 8. */
export const nvfp4: DecodeBlock = (bytes, at, out, to) => {
  for (let sub = 0; sub < 4; sub++) {
    pairs(bytes, at + 4 + 8 * sub, 8, 0.5 * ue4m3(bytes[at + sub]), E2M1_DOUBLED, out, to + 16 * sub);
  }
};

const E4M3 = smallFloatTable({
  ...{ exponentBits: 4, mantissaBits: 3, bias: 7, signed: false },
  ...{ top: "none", subnormals: true },
});

/** As ggml reads it: 0x7f is zero, and the eighth bit is of no account (0xff is 480, 0x80 is zero). */
export function ue4m3(code: number): number {
  return code === 0x7f ? 0 : E4M3[code & 0x7f];
}

/** `count` bytes of nibbles: low is element j, high is element j + count. */
function pairs(
  bytes: Uint8Array,
  at: number,
  count: number,
  scale: number,
  levels: Int8Array,
  out: Float32Array,
  to: number,
): void {
  for (let j = 0; j < count; j++) {
    const pair = bytes[at + j];
    out[to + j] = scale * levels[pair & 15];
    out[to + j + count] = scale * levels[pair >> 4];
  }
}

/**
 * Five ternary digits a byte: 48 such bytes, 4 with four digits, d. A byte is ceil(256 n / 243) of the number n they
 * make, so that multiplying by 3 moves the first digit out at the top.
 */
export const tq1_0: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 52);
  let next = digits(bytes, at, 32, 5, d, out, to);
  next = digits(bytes, at + 32, 16, 5, d, out, next);
  digits(bytes, at + 48, 4, 4, d, out, next);
};

/** All first digits of `count` bytes, then all second ones, and so on. Returns where the next element goes. */
function digits(
  bytes: Uint8Array,
  at: number,
  count: number,
  perByte: number,
  d: number,
  out: Float32Array,
  to: number,
): number {
  let next = to;
  for (let digit = 0, power = 1; digit < perByte; digit++, power *= 3) {
    for (let m = 0; m < count; m++) {
      const rest = (bytes[at + m] * power) & 255;
      out[next++] = (((rest * 3) >> 8) - 1) * d;
    }
  }
  return next;
}

/** Two bits an element for -1 to 2 (ggml writes -1 to 1), 32 bytes for four runs of 32 from the lowest bits up; then d. */
export const tq2_0: DecodeBlock = (bytes, at, out, to) => {
  const d = half(bytes, at + 64);
  for (let j = 0; j < SUPER; j++) {
    const code = (bytes[at + 32 * (j >> 7) + (j & 31)] >> (2 * ((j >> 5) & 3))) & 3;
    out[to + j] = (code - 1) * d;
  }
};
