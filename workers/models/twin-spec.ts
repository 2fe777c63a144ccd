/** Which twin of a model is meant, as links and the command line write it: `channels=4,power=5,seed=1`. */
import { UserError } from "../errors/user-error.ts";

export interface TwinSpec {
  /** Channels of each norm that become outliers. */
  channels: number;
  /** Their values become 2^power times as large. */
  power: number;
  /** Chooses them. */
  seed: number;
}

export const usualTwin: TwinSpec = { channels: 4, power: 5, seed: 1 };

/** Beyond it products with usual weights leave float32's normal numbers. */
const LIMITS: Record<keyof TwinSpec, [number, number]> = {
  channels: [1, 65_536],
  power: [1, 64],
  seed: [0, 2 ** 32 - 1],
};

export const printTwin = ({ channels, power, seed }: TwinSpec): string =>
  `channels=${channels},power=${power},seed=${seed}`;

/** What is not said is as usual. Throws UserError. */
export function parseTwin(text: string): TwinSpec {
  const spec = { ...usualTwin };
  for (const part of text.split(",").filter((one) => one.trim() !== "")) {
    const [key, value = "", ...rest] = part.split("=").map((one) => one.trim());
    const limits = LIMITS[key as keyof TwinSpec];
    const number = Number(value);
    if (
      !limits ||
      value === "" ||
      rest.length > 0 ||
      !Number.isInteger(number) ||
      number < limits[0] ||
      number > limits[1]
    ) {
      const known = Object.entries(LIMITS).map(([name, [least, most]]) => `${name}=${least} to ${most}`);
      throw new UserError(
        `A twin with outliers is written as ${printTwin(usualTwin)} (${known.join(", ")}), and "${part.trim()}" is none of these.`,
      );
    }
    spec[key as keyof TwinSpec] = number;
  }
  return spec;
}
