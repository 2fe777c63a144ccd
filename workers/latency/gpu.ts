/** A GPU that times its own work by timestamps, where it has them; else by how long it takes to be done. */
import { hasScales, type Packed, type Width } from "../../kernels/signals/latency/packed.ts";
import { multiplyWgsl } from "../../kernels/signals/latency/wgsl.ts";
import { answered, judgeAdapter } from "../backends/gpu.ts";
import type { LatencyMachine, TimedProduct } from "./machine.ts";

// The numbers of the standard's GPUBufferUsage and GPUMapMode, which Node has no globals for.
const MAP_READ = 0x1;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const UNIFORM = 0x40;
const STORAGE = 0x80;
const QUERY_RESOLVE = 0x200;
const FOR_READING = 0x1;

/** Rejects where the adapter gives no device. */
export async function gpuMachine(adapter: GPUAdapter): Promise<LatencyMachine> {
  const stamps = adapter.features.has("timestamp-query");
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await answered(
    adapter.requestDevice({
      label: "latency",
      requiredFeatures: stamps ? ["timestamp-query"] : [],
      requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
    }),
  );
  const pipelines = new Map<Width, Promise<GPUComputePipeline>>();
  const pipeline = (width: Width): Promise<GPUComputePipeline> => {
    const module = () => device.createShaderModule({ label: `${width} bits`, code: multiplyWgsl(width) });
    const make = () =>
      answered(
        device.createComputePipelineAsync({ layout: "auto", compute: { module: module(), entryPoint: "main" } }),
      );
    pipelines.set(width, pipelines.get(width) ?? make());
    return pipelines.get(width)!;
  };
  return {
    name: "webgpu",
    device: judgeAdapter(adapter.info).label,
    clock: stamps ? "GPU timestamps" : "wall time",
    limit: Math.min(2 ** 27, maxBufferSize, maxStorageBufferBindingSize),
    async load(packed, token) {
      device.pushErrorScope("out-of-memory");
      device.pushErrorScope("validation");
      const product = new GpuProduct(device, await pipeline(packed.width), packed, token, stamps);
      for (const error of [await device.popErrorScope(), await device.popErrorScope()]) {
        if (!error) continue;
        product.close();
        throw new Error(error.message);
      }
      return product;
    },
    close: () => device.destroy(),
  };
}

class GpuProduct implements TimedProduct {
  readonly #device: GPUDevice;
  readonly #pipeline: GPUComputePipeline;
  readonly #buffers: GPUBuffer[] = [];
  readonly #group: GPUBindGroup;
  readonly #out: GPUBuffer;
  readonly #rows: number;
  readonly #stamps: { set: GPUQuerySet; resolved: GPUBuffer; read: GPUBuffer } | null;

  constructor(device: GPUDevice, pipeline: GPUComputePipeline, packed: Packed, token: Float32Array, stamps: boolean) {
    this.#device = device;
    this.#pipeline = pipeline;
    this.#rows = packed.rows;
    this.#out = this.#buffer(4 * packed.rows, STORAGE | COPY_SRC);
    const buffers = [
      this.#filled(Uint32Array.of(packed.rows, packed.groups), UNIFORM),
      this.#filled(packed.words, STORAGE),
      this.#filled(token, STORAGE),
      this.#out,
      ...(hasScales(packed.width) ? [this.#filled(packed.scales, STORAGE)] : []),
    ];
    this.#group = device.createBindGroup({
      layout: pipeline.getBindGroupLayout(0),
      entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
    });
    this.#stamps = stamps
      ? {
          set: device.createQuerySet({ type: "timestamp", count: 2 }),
          resolved: this.#buffer(16, QUERY_RESOLVE | COPY_SRC),
          read: this.#buffer(16, MAP_READ | COPY_DST),
        }
      : null;
  }

  #buffer(size: number, usage: number): GPUBuffer {
    const buffer = this.#device.createBuffer({ size: Math.max(16, size), usage });
    this.#buffers.push(buffer);
    return buffer;
  }

  #filled(data: Uint32Array | Float32Array, usage: number): GPUBuffer {
    const buffer = this.#buffer(data.byteLength, usage | COPY_DST);
    this.#device.queue.writeBuffer(buffer, 0, data as Float32Array<ArrayBuffer>);
    return buffer;
  }

  async time(products: number): Promise<number> {
    const encoder = this.#device.createCommandEncoder();
    const stamps = this.#stamps;
    const pass = encoder.beginComputePass(
      stamps
        ? { timestampWrites: { querySet: stamps.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 } }
        : undefined,
    );
    pass.setPipeline(this.#pipeline);
    pass.setBindGroup(0, this.#group);
    const across = Math.min(this.#rows, this.#device.limits.maxComputeWorkgroupsPerDimension);
    for (let i = 0; i < products; i++) pass.dispatchWorkgroups(across, Math.ceil(this.#rows / across));
    pass.end();
    if (stamps) {
      encoder.resolveQuerySet(stamps.set, 0, 2, stamps.resolved, 0);
      encoder.copyBufferToBuffer(stamps.resolved, 0, stamps.read, 0, 16);
    }
    const since = performance.now();
    this.#device.queue.submit([encoder.finish()]);
    if (!stamps) {
      await answered(this.#device.queue.onSubmittedWorkDone());
      return performance.now() - since;
    }
    await answered(stamps.read.mapAsync(FOR_READING));
    const [begin, end] = new BigUint64Array(stamps.read.getMappedRange().slice(0));
    stamps.read.unmap();
    return Number(end - begin) / 1e6;
  }

  async product(): Promise<Float32Array> {
    const read = this.#device.createBuffer({ size: Math.max(16, 4 * this.#rows), usage: MAP_READ | COPY_DST });
    const encoder = this.#device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.#out, 0, read, 0, 4 * this.#rows);
    this.#device.queue.submit([encoder.finish()]);
    await answered(read.mapAsync(FOR_READING));
    const values = new Float32Array(read.getMappedRange().slice(0, 4 * this.#rows));
    read.destroy();
    return values;
  }

  close(): void {
    for (const buffer of this.#buffers) buffer.destroy();
    this.#stamps?.set.destroy();
  }
}
