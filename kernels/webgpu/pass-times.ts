/** GPU times of compute passes in nanoseconds, by label, since they were taken last: means over repeats. */
export interface PassTimes {
  /**
   * How often a batch's clears and passes run before it is copied from: often, so that the clocks of an idle GPU rise. All
   * runs are alike where a batch clears what it counts in.
   */
  repeats: number;
  take(): Promise<Map<string, number[]>>;
}

const MOST = 2048;
const BYTES = 8;

/** Times every compute pass of a device that has "timestamp-query", by standing between it and whoever encodes. */
export function timePasses(device: GPUDevice): PassTimes {
  const querySet = device.createQuerySet({ type: "timestamp", count: 2 * MOST });
  const size = 2 * MOST * BYTES;
  const resolved = device.createBuffer({ size, usage: 0x200 | 0x4 });
  const staging = device.createBuffer({ size, usage: 0x1 | 0x8 });
  /** What each pair of stamps is of. */
  let stamped: EncodedPass[] = [];
  const encoderOf = device.createCommandEncoder.bind(device);
  /** A timed pass, once; those beyond the room for times run untimed. */
  const runPass = (begin: GPUCommandEncoder["beginComputePass"], encoded: EncodedPass) => {
    const at = 2 * stamped.length;
    const timestampWrites = { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 };
    const timed = stamped.length < MOST;
    if (timed) stamped.push(encoded);
    const pass = begin(timed ? { timestampWrites } : {});
    for (const command of encoded.commands) command(pass);
    pass.end();
  };
  device.createCommandEncoder = (descriptor) => {
    const encoder = encoderOf(descriptor);
    let steps: (() => void)[] = [];
    const runSteps = () => {
      for (let k = 0; k < times.repeats; k++) for (const step of steps) step();
      steps = [];
    };
    const clear = encoder.clearBuffer.bind(encoder);
    encoder.clearBuffer = (...range: Parameters<typeof clear>) => void steps.push(() => clear(...range));
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (descriptor) => {
      const encoded: EncodedPass = { label: descriptor?.label ?? "", commands: [] };
      steps.push(() => runPass(begin, encoded));
      return recorder(encoded.commands);
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
    async take() {
      const taken = stamped;
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
      const runs = new Map<EncodedPass, number[]>();
      taken.forEach((encoded, k) => {
        const list = runs.get(encoded) ?? [];
        list.push(Number(stamps[2 * k + 1] - stamps[2 * k]));
        runs.set(encoded, list);
      });
      for (const [{ label }, list] of runs) {
        const mean = list.reduce((a, b) => a + b) / list.length;
        byLabel.set(label, [...(byLabel.get(label) ?? []), mean]);
      }
      return byLabel;
    },
  };
  return times;
}

type PassCommand = (pass: GPUComputePassEncoder) => void;
/** A pass as it was encoded, however often it runs. */
interface EncodedPass {
  label: string;
  commands: PassCommand[];
}

/** A pass that keeps what it is told, for `runPass`. */
function recorder(commands: PassCommand[]): GPUComputePassEncoder {
  const recorded: Pick<GPUComputePassEncoder, "setPipeline" | "setBindGroup" | "dispatchWorkgroups" | "end"> = {
    setPipeline: (pipeline) => void commands.push((pass) => pass.setPipeline(pipeline)),
    setBindGroup: (index: number, group: GPUBindGroup | null | undefined) =>
      void commands.push((pass) => pass.setBindGroup(index, group)),
    dispatchWorkgroups: (...size) => void commands.push((pass) => pass.dispatchWorkgroups(...size)),
    end: () => undefined,
  };
  return recorded as GPUComputePassEncoder;
}
