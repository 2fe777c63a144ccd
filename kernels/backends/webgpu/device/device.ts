import { DeviceLostError, GpuError } from "./errors.ts";

/** A device for computing with the adapter's own limits. Rejects with GpuError where there is no adapter. */
export async function requestComputeDevice(gpu: GPU): Promise<GPUDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new GpuError("WebGPU found no GPU that it may use");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const wished: GPUFeatureName[] = ["subgroups"];
  return adapter.requestDevice({
    label: "quantscope",
    requiredFeatures: wished.filter((feature) => adapter.features.has(feature)),
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
}

/** One kernel call of a batch. Buffers are bound in order; `null` where an entry point uses none of the text's. */
export interface Dispatch {
  pipeline: GPUComputePipeline;
  label: string;
  buffers: (GPUBuffer | null)[];
  workgroups: number;
}

/**
 * A device with named buffers that are kept and grow, shaders whose errors show their source, and batches that end with
 * what they computed or with an error: a lost device rejects with DeviceLostError, a refused command with GpuError.
 */
export class ComputeDevice {
  readonly device: GPUDevice;
  readonly #buffers = new Map<string, GPUBuffer>();
  readonly #errors: string[] = [];
  readonly #lent: ArrayBuffer[] = [];
  readonly #lost: Promise<never>;
  #lostError: DeviceLostError | null = null;

  constructor(device: GPUDevice) {
    this.device = device;
    device.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.#errors.push((event as GPUUncapturedErrorEvent).error.message);
    });
    this.#lost = device.lost.then((info) => {
      this.#lostError = new DeviceLostError(`the GPU device was lost (${info.message || info.reason})`);
      throw this.#lostError;
    });
    // Whoever waits meanwhile gets the rejection through `guard`.
    this.#lost.catch(() => {});
  }

  /** Rejects with DeviceLostError where the device is lost already. */
  async alive(): Promise<void> {
    await this.guard(this.device.queue.onSubmittedWorkDone().then(() => {}));
    if (this.#lostError) throw this.#lostError;
  }

  /** Compiles one entry point. Rejects with GpuError: the compiler's messages, each with its line and that line's text. */
  async pipeline(label: string, code: string, entryPoint: string): Promise<GPUComputePipeline> {
    const module = this.device.createShaderModule({ label, code });
    const { messages } = await this.guard(module.getCompilationInfo());
    const lines = code.split("\n");
    const errors = messages
      .filter((m) => m.type === "error")
      .map((m) => `${label}, line ${m.lineNum}: ${m.message}\n  ${lines[m.lineNum - 1]?.trim() ?? ""}`);
    if (errors.length > 0) {
      this.#errors.length = 0;
      throw new GpuError(errors.join("\n"));
    }
    const descriptor = { label: `${label}.${entryPoint}`, layout: "auto" as const, compute: { module, entryPoint } };
    return this.guard(this.device.createComputePipelineAsync(descriptor));
  }

  /** The buffer of this name, with room for `bytes`. Contents are lost when it grows. */
  buffer(name: string, bytes: number, usage: number): GPUBuffer {
    const known = this.#buffers.get(name);
    if (known && known.size >= bytes) return known;
    known?.destroy();
    const size = Math.min(
      2 ** Math.ceil(Math.log2(Math.max(256, bytes))),
      Math.max(this.device.limits.maxBufferSize, bytes),
    );
    const buffer = this.device.createBuffer({ label: name, size, usage });
    this.#buffers.set(name, buffer);
    return buffer;
  }

  /** Storage that kernels write, and that is copied out or cleared. */
  storage(name: string, bytes: number): GPUBuffer {
    return this.buffer(name, bytes, GPU_STORAGE | GPU_COPY_SRC | GPU_COPY_DST);
  }

  /** Storage or a uniform with this data in it. */
  upload(name: string, data: Float32Array | Int32Array | Uint32Array, uniform = false): GPUBuffer {
    const usage = (uniform ? GPU_UNIFORM : GPU_STORAGE) | GPU_COPY_DST;
    const buffer = this.buffer(name, data.byteLength, usage);
    if (data.length > 0) this.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    return buffer;
  }

  /** Storage of its own for values that stay; whoever asks destroys it. */
  resident(bytes: number): GPUBuffer {
    return this.device.createBuffer({
      label: "resident",
      size: bytes,
      usage: GPU_STORAGE | GPU_COPY_SRC | GPU_COPY_DST,
    });
  }

  write(buffer: GPUBuffer, data: Float32Array): void {
    this.device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
  }

  /**
   * Zeroes buffers, runs kernels in order and reads back stretches of some buffers: bytes, and from where. With `lent`
   * results lie in memory that the next such call takes again: megabytes with every recipe take their time to collect.
   */
  async run(
    zeroed: [GPUBuffer, number][],
    dispatches: Dispatch[],
    wanted: [buffer: GPUBuffer, bytes: number, at?: number][],
    lent = false,
  ): Promise<ArrayBuffer[]> {
    if (this.#lostError) throw this.#lostError;
    const encoder = this.device.createCommandEncoder({ label: "quantize" });
    for (const [buffer, bytes] of zeroed) encoder.clearBuffer(buffer, 0, bytes);
    if (dispatches.length > 0) {
      // One pass for all: where a dispatch needs nothing of the one before it, it need not wait.
      const pass = encoder.beginComputePass();
      for (const dispatch of dispatches) this.#encode(pass, dispatch);
      pass.end();
    }
    const results = wanted.map(([, bytes], k) => {
      if (!lent) return new ArrayBuffer(bytes);
      if (this.#lent[k]?.byteLength !== bytes) this.#lent[k] = new ArrayBuffer(bytes);
      return this.#lent[k];
    });
    const { parts, sizes } = stagedParts(wanted.map(([, bytes]) => bytes));
    const staged = sizes.map((bytes, k) => this.buffer(`staging ${k}`, bytes, GPU_MAP_READ | GPU_COPY_DST));
    for (const { of, from, bytes, staging, at } of parts) {
      const [buffer, , first = 0] = wanted[of];
      encoder.copyBufferToBuffer(buffer, first + from, staged[staging], at, bytes);
    }
    this.device.queue.submit([encoder.finish()]);
    await this.guard(Promise.all(staged.map((staging, k) => staging.mapAsync(GPU_MODE_READ, 0, sizes[k]))));
    const mapped = staged.map((staging, k) => staging.getMappedRange(0, sizes[k]));
    for (const { of, from, bytes, staging, at } of parts) {
      new Uint8Array(results[of], from, bytes).set(new Uint8Array(mapped[staging], at, bytes));
    }
    for (const staging of staged) staging.unmap();
    if (this.#errors.length > 0) throw new GpuError(`the GPU refused a command: ${this.#takeErrors()}`);
    return results;
  }

  #encode(pass: GPUComputePassEncoder, { pipeline, label, buffers, workgroups }: Dispatch): void {
    pass.pushDebugGroup(label);
    pass.setPipeline(pipeline);
    const entries = buffers.flatMap((buffer, binding) => (buffer ? [{ binding, resource: { buffer } }] : []));
    pass.setBindGroup(0, this.device.createBindGroup({ label, layout: pipeline.getBindGroupLayout(0), entries }));
    const across = Math.min(workgroups, this.device.limits.maxComputeWorkgroupsPerDimension);
    pass.dispatchWorkgroups(across, Math.ceil(workgroups / across));
    pass.popDebugGroup();
  }

  /** What a promise of the device gives; whatever fails on a lost device fails with DeviceLostError. */
  async guard<T>(promise: Promise<T>): Promise<T> {
    try {
      return await Promise.race([promise, this.#lost]);
    } catch (error) {
      // A buffer whose map failed may be in any state.
      for (const buffer of this.#buffers.values()) buffer.destroy();
      this.#buffers.clear();
      // A map may be refused a moment before the loss itself is told.
      await Promise.race([this.device.queue.onSubmittedWorkDone(), this.#lost]).catch(() => {});
      if (this.#lostError) throw this.#lostError;
      const more = this.#errors.length > 0 ? ` (${this.#takeErrors()})` : "";
      throw new GpuError(`the GPU failed: ${(error as Error).message}${more}`);
    }
  }

  #takeErrors(): string {
    return this.#errors.splice(0).join("; ");
  }
}

/** What is read back goes through buffers of this many bytes: reading larger ones was seen to be ten times as slow. */
const STAGING_BYTES = 2 ** 22;

/** `bytes` of what is wanted, from there on, and the place among the staging buffers that they take. */
interface StagedPart {
  of: number;
  from: number;
  bytes: number;
  staging: number;
  at: number;
}

/** Packs what is wanted into as few staging buffers as may be. */
function stagedParts(wanted: number[]): { parts: StagedPart[]; sizes: number[] } {
  const parts: StagedPart[] = [];
  const sizes: number[] = [];
  wanted.forEach((total, of) => {
    for (let from = 0; from < total; ) {
      if (sizes.length === 0 || sizes[sizes.length - 1] === STAGING_BYTES) sizes.push(0);
      const staging = sizes.length - 1;
      const bytes = Math.min(total - from, STAGING_BYTES - sizes[staging]);
      parts.push({ of, from, bytes, staging, at: sizes[staging] });
      sizes[staging] += bytes;
      from += bytes;
    }
  });
  return { parts, sizes };
}

// The numbers of the standard's GPUBufferUsage and GPUMapMode, which Node has no globals for.
const GPU_MAP_READ = 0x1;
const GPU_COPY_SRC = 0x4;
const GPU_COPY_DST = 0x8;
const GPU_UNIFORM = 0x40;
const GPU_STORAGE = 0x80;
const GPU_MODE_READ = 0x1;
