/** Tensors that are too large to be shown without asking: what it takes is said first, and a sample offered. */
import { createStore } from "zustand/vanilla";
import type { SourceInfo } from "../../workers/sources/info.ts";
import type { TensorInfo } from "../../workers/tensors/info.ts";

/** Up to here (half a gigabyte of float32) a tensor is read once and kept; beyond it is read again for every recipe. */
const KEPT_VALUES = 2 ** 27;
/** What comes over a network is asked for from here on. */
const KEPT_BYTES = 2 ** 28;
/** Values of a sample: 64 MB of float32. */
export const SAMPLE_VALUES = 2 ** 24;

export type Extent = "whole" | "sample" | "nothing";

export interface LargeTensor {
  source: string;
  tensor: TensorInfo;
  /** Bytes to be read; `null` where they are made up. */
  bytes: number | null;
  /** Whether every recipe reads all of it again. */
  again: boolean;
  /** Where it is read from, where that is a server. */
  host: string | null;
}

/** What showing a tensor takes, where that is much; `null` for an ordinary one. */
export function largeTensor(info: SourceInfo, tensor: TensorInfo): LargeTensor | null {
  const bytes = tensor.bytes ? tensor.bytes.end - tensor.bytes.begin : null;
  const remote = info.address !== undefined;
  if (tensor.elements <= KEPT_VALUES && !(remote && (bytes ?? 0) > KEPT_BYTES)) return null;
  return {
    source: info.id,
    tensor,
    bytes,
    again: tensor.elements > KEPT_VALUES,
    host: remote ? new URL(info.address!).host : null,
  };
}

export class LargeTensors {
  /** The one the person is asked about, and what was decided for others, by source and name. */
  readonly store = createStore<{ asked: LargeTensor | null; decided: ReadonlyMap<string, Extent> }>(() => ({
    asked: null,
    decided: new Map(),
  }));

  /**
   * How much of a tensor to show; asks where that is not decided, and shows nothing meanwhile. `sample` is what an
   * experiment says that comes from elsewhere: a sample needs no question.
   */
  extentOf(info: SourceInfo, tensor: TensorInfo, sample = false): Extent {
    const large = largeTensor(info, tensor);
    const { asked, decided } = this.store.getState();
    const known = large ? (decided.get(keyOf(large)) ?? (sample ? "sample" : undefined)) : "whole";
    const about = large && !known ? large : null;
    if ((asked && keyOf(asked)) !== (about && keyOf(about))) this.store.setState({ asked: about });
    return known ?? "nothing";
  }

  /** Most values of a tensor that many recipes are tried on: of a large one a sample, unless all of it was wanted. */
  sampleFor(info: SourceInfo, tensor: TensorInfo): number | undefined {
    const large = largeTensor(info, tensor);
    return large && this.store.getState().decided.get(keyOf(large)) !== "whole" ? SAMPLE_VALUES : undefined;
  }

  /** The tensor that was asked about is no longer there. */
  forget(): void {
    if (this.store.getState().asked) this.store.setState({ asked: null });
  }

  decide(extent: Extent): void {
    const { asked, decided } = this.store.getState();
    if (asked) this.store.setState({ asked: null, decided: new Map(decided).set(keyOf(asked), extent) });
  }

  /** Asks again about those of which nothing was wanted. */
  reconsider(): void {
    const { decided } = this.store.getState();
    const kept = [...decided].filter(([, extent]) => extent !== "nothing");
    if (kept.length < decided.size) this.store.setState({ decided: new Map(kept) });
  }
}

const keyOf = ({ source, tensor }: LargeTensor): string => `${source}\n${tensor.name}`;
