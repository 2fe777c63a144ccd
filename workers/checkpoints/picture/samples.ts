import type { TensorInfo } from "../../tensors/info.ts";
import { memoryTensor, type Tensor } from "../../tensors/tensor.ts";

/** A decoded picture: samples of all channels, pixel by pixel, row by row. */
export interface Pixels {
  width: number;
  height: number;
  channels: number;
  samples: ArrayLike<number>;
  /** The sample of full brightness. */
  white: number;
}

/** Samples of a picture at most, over all channels: a quarter of a gigabyte once they are float32. */
export const MOST_SAMPLES = 2 ** 26;

const names: Record<number, string[]> = {
  1: ["grey"],
  2: ["grey", "alpha"],
  3: ["red", "green", "blue"],
  4: ["red", "green", "blue", "alpha"],
};

/** How many channels tell something: an alpha that is full everywhere does not, nor do three that are alike. */
function tellingChannels({ channels, samples, white }: Pixels): number {
  const every = (test: (at: number) => boolean) => {
    for (let at = 0; at < samples.length; at += channels) if (!test(at)) return false;
    return true;
  };
  const opaque = channels % 2 === 1 || every((at) => samples[at + channels - 1] === white);
  if (!opaque) return channels;
  const colours = channels < 3 ? 1 : 3;
  const grey = colours === 3 && every((at) => samples[at] === samples[at + 1] && samples[at] === samples[at + 2]);
  return grey ? 1 : colours;
}

/**
 * A picture as tensors: `picture` of shape [channels, height, width] and each channel by itself, from 0 to 1. A sample is
 * divided by that of full brightness and rounded once to float32, as torchvision's `ToTensor` does; the curve of sRGB
 * stays as it is stored.
 */
export function pictureTensors(pixels: Pixels, dtype: string): Tensor[] {
  const { width, height, samples, white } = pixels;
  const channels = tellingChannels(pixels);
  const size = width * height;
  const values = new Float32Array(channels * size);
  for (let c = 0; c < channels; c++) {
    for (let i = 0; i < size; i++) values[c * size + i] = samples[i * pixels.channels + c] / white;
  }
  const info = (name: string, shape: number[], split: number): TensorInfo => ({
    name,
    dtype,
    shape,
    elements: shape.reduce((a, b) => a * b, 1),
    view: { split, transpose: false },
    picture: { channels: shape.length === 3 ? shape[0] : 1, height, width },
  });
  const whole = memoryTensor(info("picture", [channels, height, width], 2), values);
  if (channels === 1) return [whole];
  const parts = names[channels].map((name, c) =>
    memoryTensor(info(name, [height, width], 1), values.subarray(c * size, (c + 1) * size)),
  );
  return [whole, ...parts];
}
