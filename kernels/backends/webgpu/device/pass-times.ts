/** GPU times in nanoseconds since they were taken last. */
export interface PassTimes {
  /**
   * How often a batch's clears and dispatches run before it is copied from: often, so that the clocks of an idle GPU rise.
   * All runs are alike where a batch clears what it counts in.
   */
  repeats: number;
  /** Whether each dispatch is timed in a pass of its own; else every batch as a whole, which runs as if nobody looked. */
  apart: boolean;
  /** Means over the repeats: of each dispatch by its debug group, or else of each batch under "batch". */
  take(): Promise<Map<string, number[]>>;
}

/** A dispatch as it was encoded, however often it runs. */
interface Encoded {
  label: string;
  commands: ((pass: GPUComputePassEncoder) => void)[];
}

/** What a pair of stamps is of, and how many runs lie between them. */
interface Stamped {
  of: object;
  label: string;
  runs: number;
}

const MOST = 2048;
const BYTES = 8;

/** Times what a device that has "timestamp-query" computes, by standing between it and whoever encodes. */
export function timePasses(device: GPUDevice): PassTimes {
  const querySet = device.createQuerySet({ type: "timestamp", count: 2 * MOST });
  const size = 2 * MOST * BYTES;
  const resolved = device.createBuffer({ size, usage: 0x200 | 0x4 });
  const staging = device.createBuffer({ size, usage: 0x1 | 0x8 });
  /** What lies beyond the room for stamps goes untimed. */
  let stamped: Stamped[] = [];
  const stampsFor = (pair: Stamped, begins: boolean, ends: boolean) => {
    if (begins) stamped.push(pair);
    const at = 2 * (stamped.length - 1);
    if (at >= 2 * MOST || !(begins || ends)) return {};
    const beginning = begins ? { beginningOfPassWriteIndex: at } : {};
    return { timestampWrites: { querySet, ...beginning, ...(ends ? { endOfPassWriteIndex: at + 1 } : {}) } };
  };
  const encoderOf = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = encoderOf(descriptor);
    const begin = encoder.beginComputePass.bind(encoder);
    let steps: ({ clear: () => void } | { dispatches: Encoded[] })[] = [];
    const runPass = (dispatches: Encoded[], stamps: object) => {
      const pass = begin(stamps);
      for (const { commands } of dispatches) for (const command of commands) command(pass);
      pass.end();
    };
    const runApart = (dispatches: Encoded[]) => {
      for (const one of dispatches) runPass([one], stampsFor({ of: one, label: one.label, runs: 1 }, true, true));
    };
    const runSteps = () => {
      const whole = { of: encoder, label: "batch", runs: times.repeats };
      let left = times.repeats * steps.filter((step) => "dispatches" in step).length;
      let begun = false;
      for (let k = 0; k < times.repeats; k++) {
        for (const step of steps) {
          if ("clear" in step) step.clear();
          else if (times.apart) runApart(step.dispatches);
          else {
            left--;
            runPass(step.dispatches, stampsFor(whole, !begun, left === 0));
            begun = true;
          }
        }
      }
      steps = [];
    };
    const clear = encoder.clearBuffer.bind(encoder);
    encoder.clearBuffer = (...range: Parameters<typeof clear>) => void steps.push({ clear: () => clear(...range) });
    encoder.beginComputePass = () => {
      const dispatches: Encoded[] = [];
      steps.push({ dispatches });
      return recorder(dispatches);
    };
    const copy = encoder.copyBufferToBuffer.bind(encoder) as (...args: unknown[]) => undefined;
    encoder.copyBufferToBuffer = (...args: unknown[]) => {
      runSteps();
      return copy(...args);
    };
    const finish = encoder.finish.bind(encoder);
    encoder.finish = (descriptor) => {
      runSteps();
      return finish(descriptor);
    };
    return encoder;
  };
  const times: PassTimes = {
    repeats: 1,
    apart: true,
    async take() {
      const taken = stamped.slice(0, MOST);
      stamped = [];
      const byLabel = new Map<string, number[]>();
      if (taken.length === 0) return byLabel;
      const encoder = encoderOf();
      encoder.resolveQuerySet(querySet, 0, 2 * taken.length, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 2 * taken.length * BYTES);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(0x1);
      const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
      staging.unmap();
      const runs = new Map<object, { label: string; list: number[] }>();
      taken.forEach(({ of, label, runs: share }, k) => {
        const known = runs.get(of) ?? { label, list: [] };
        known.list.push(Number(stamps[2 * k + 1] - stamps[2 * k]) / share);
        runs.set(of, known);
      });
      for (const { label, list } of runs.values()) {
        const mean = list.reduce((a, b) => a + b) / list.length;
        byLabel.set(label, [...(byLabel.get(label) ?? []), mean]);
      }
      return byLabel;
    },
  };
  return times;
}

/** A pass that keeps what it is told, dispatch by dispatch. */
function recorder(dispatches: Encoded[]): GPUComputePassEncoder {
  let label = "";
  let commands: Encoded["commands"] = [];
  const recorded: Pick<
    GPUComputePassEncoder,
    "setPipeline" | "setBindGroup" | "dispatchWorkgroups" | "pushDebugGroup" | "popDebugGroup" | "end"
  > = {
    pushDebugGroup(name) {
      label = name;
    },
    popDebugGroup() {},
    setPipeline: (pipeline) => void commands.push((pass) => pass.setPipeline(pipeline)),
    setBindGroup: (index: number, group: GPUBindGroup | null | undefined) =>
      void commands.push((pass) => pass.setBindGroup(index, group)),
    dispatchWorkgroups(...size) {
      dispatches.push({ label, commands: [...commands, (pass) => pass.dispatchWorkgroups(...size)] });
      commands = [];
    },
    end() {},
  };
  return recorded as GPUComputePassEncoder;
}
