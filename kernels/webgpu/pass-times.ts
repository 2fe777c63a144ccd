/** GPU times of compute passes in nanoseconds, by label, since they were taken last. */
export interface PassTimes {
  /** How often each dispatch runs: often, so that the clocks of an idle GPU rise. Kernels that count then miscount. */
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
  let labels: string[] = [];
  const encoderOf = device.createCommandEncoder.bind(device);
  device.createCommandEncoder = (descriptor) => {
    const encoder = encoderOf(descriptor);
    const begin = encoder.beginComputePass.bind(encoder);
    encoder.beginComputePass = (pass) => {
      const at = 2 * labels.length;
      labels.push(pass?.label ?? "");
      const timed = begin({
        ...pass,
        timestampWrites: { querySet, beginningOfPassWriteIndex: at, endOfPassWriteIndex: at + 1 },
      });
      const dispatch = timed.dispatchWorkgroups.bind(timed);
      timed.dispatchWorkgroups = (...size) => {
        for (let k = 0; k < times.repeats; k++) dispatch(...size);
      };
      return timed;
    };
    return encoder;
  };
  const times: PassTimes = {
    repeats: 1,
    async take() {
      const taken = labels;
      labels = [];
      const byLabel = new Map<string, number[]>();
      if (taken.length === 0) return byLabel;
      const encoder = encoderOf();
      encoder.resolveQuerySet(querySet, 0, 2 * taken.length, resolved, 0);
      encoder.copyBufferToBuffer(resolved, 0, staging, 0, 2 * taken.length * BYTES);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(0x1);
      const stamps = new BigUint64Array(staging.getMappedRange().slice(0));
      staging.unmap();
      taken.forEach((label, k) => {
        const list = byLabel.get(label) ?? [];
        list.push(Number(stamps[2 * k + 1] - stamps[2 * k]) / times.repeats);
        byLabel.set(label, list);
      });
      return byLabel;
    },
  };
  return times;
}
