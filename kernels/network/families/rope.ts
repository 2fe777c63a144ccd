/**
 * Rotary positions as transformers' `modeling_rope_utils.py` makes them: plain (Su et al. 2021, arXiv 2104.09864), linear
 * (Chen et al. 2023, arXiv 2306.15595), llama3 (Llama 3.1), YaRN (Peng et al. 2023, arXiv 2309.00071), LongRoPE (Ding et al. 2024, arXiv 2402.13753).
 */
import type { Rotation } from "../types.ts";
import { ArchitectureError } from "../types.ts";
import type { Fields } from "./fields.ts";

export interface RopeDefaults {
  theta?: number;
  /** Share of a head that is rotated. */
  partial?: number;
  /** The layer type whose entry is meant, where `rope_parameters` has one for each. */
  layerType?: string;
}

/**
 * The rotation of heads of a size, from `rope_parameters`, or from `rope_theta`, `rope_scaling` and `partial_rotary_factor` of
 * older files. Throws ArchitectureError where its kind is not known.
 */
export function readRotation(config: Fields, headSize: number, defaults: RopeDefaults = {}): Rotation {
  const outer = config.inner("rope_parameters");
  const own = (defaults.layerType && outer?.inner(defaults.layerType)) || outer;
  const scaling = own ?? config.inner("rope_scaling");
  const said = (name: string) => scaling?.any(name) ?? config.any(name);
  const number = (names: string[], fallback?: number) => {
    const at = names.find((name) => said(name) !== undefined);
    if (at !== undefined) return (scaling?.any(at) !== undefined ? scaling : config).number(at);
    return config.number(names, fallback);
  };
  const theta = number(["rope_theta", "rotary_emb_base"], defaults.theta ?? 10_000);
  const partial = number(["partial_rotary_factor", "rotary_pct"], defaults.partial ?? 1);
  const size = Math.floor(headSize * partial);
  if (size < 2 || size % 2 !== 0 || size > headSize) {
    throw config.refuse(`rotates ${size} of ${headSize} values of a head`);
  }
  const frequencies = Array.from({ length: size / 2 }, (_, i) => theta ** (-(2 * i) / size));
  const kind = scaling?.any("rope_type", "type") ?? "default";
  const scale = scales[String(kind) as keyof typeof scales];
  if (!scale) {
    const known = Object.keys(scales).join(", ");
    throw new ArchitectureError(`Rotary positions of the kind "${kind}" are not known here (known are ${known}).`);
  }
  const at = scaling ?? config;
  const { amplitude = 1, ...rest } = scale({ frequencies, theta, size, at, config });
  const single = (list: number[]) => list.map(Math.fround);
  return {
    size,
    amplitude: Math.fround(amplitude),
    frequencies: single(rest.frequencies),
    ...(rest.longest && { longest: rest.longest }),
    ...(rest.beyond && { beyond: { ...rest.beyond, frequencies: single(rest.beyond.frequencies) } }),
  };
}

interface Plain {
  frequencies: number[];
  theta: number;
  size: number;
  /** The entry that scales. */
  at: Fields;
  config: Fields;
}

type Scaled = Omit<Rotation, "size" | "amplitude"> & { amplitude?: number };

const scales: Record<
  "default" | "none" | "linear" | "dynamic" | "factors" | "llama3" | "yarn" | "longrope" | "su",
  (plain: Plain) => Scaled
> = {
  default: ({ frequencies }) => ({ frequencies }),
  none: ({ frequencies }) => ({ frequencies }),
  linear: ({ frequencies, at }) => ({ frequencies: frequencies.map((f) => f / at.number("factor")) }),
  // Its frequencies depend on the window's length beyond the trained one, and are the plain ones up to there.
  dynamic: ({ frequencies, config }) => ({ frequencies, longest: config.whole("max_position_embeddings") }),
  // llama.cpp's: what frequencies are divided by, worked out of the config by its converter.
  factors: ({ frequencies, at }) => ({ frequencies: divided(frequencies, at, "factors") }),
  llama3,
  yarn,
  longrope,
  su: longrope,
};

function llama3({ frequencies, at }: Plain): Scaled {
  const factor = at.number("factor");
  const [low, high] = [at.number("low_freq_factor"), at.number("high_freq_factor")];
  const trained = at.number("original_max_position_embeddings");
  return {
    frequencies: frequencies.map((f) => {
      const length = (2 * Math.PI) / f;
      if (length < trained / high) return f;
      if (length > trained / low) return f / factor;
      const smooth = (trained / length - low) / (high - low);
      return ((1 - smooth) * f) / factor + smooth * f;
    }),
  };
}

function yarn({ frequencies, theta, size, at, config }: Plain): Scaled {
  const trained = at.number(
    "original_max_position_embeddings",
    config.numberOrNull("max_position_embeddings") ?? undefined,
  );
  const factor = at.number("factor");
  const magnitude = (weight: number) => (factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1);
  const [weight, all] = [at.numberOrNull("mscale"), at.numberOrNull("mscale_all_dim")];
  const amplitude =
    at.numberOrNull("attention_factor") ?? (weight && all ? magnitude(weight) / magnitude(all) : magnitude(1));
  /** The dimension pair that turns so often within the trained window. */
  const pair = (turns: number) => (size * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(theta));
  const ends = [pair(at.number("beta_fast", 32)), pair(at.number("beta_slow", 1))];
  const [first, last] = at.flag("truncate", true) ? [Math.floor(ends[0]), Math.ceil(ends[1])] : ends;
  const low = Math.max(first, 0);
  const high = Math.min(last, size - 1);
  const width = high === low ? 0.001 : high - low;
  return {
    amplitude,
    frequencies: frequencies.map((f, i) => {
      const stretched = Math.min(1, Math.max(0, (i - low) / width));
      return (f / factor) * stretched + f * (1 - stretched);
    }),
  };
}

function longrope({ frequencies, at, config }: Plain): Scaled {
  const longest = config.number("max_position_embeddings");
  const said =
    config.numberOrNull("original_max_position_embeddings") ?? at.numberOrNull("original_max_position_embeddings");
  const trained = said ?? longest;
  const factor = said ? longest / said : at.number("factor");
  const amplitude =
    at.numberOrNull("attention_factor") ?? (factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(trained)));
  const by = (name: string) => divided(frequencies, at, name);
  return { amplitude, frequencies: by("short_factor"), beyond: { tokens: trained, frequencies: by("long_factor") } };
}

function divided(frequencies: number[], at: Fields, name: string): number[] {
  const factors = at.list(name, frequencies.length);
  if (!factors) throw new ArchitectureError(`Rotary positions of their kind lack ${name}.`);
  return frequencies.map((f, i) => f / Number(factors[i]));
}
