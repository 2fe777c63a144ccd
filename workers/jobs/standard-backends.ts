import { referenceBackend } from "../../kernels/index.ts";
import { Backends } from "./backends.ts";

/** The backends of this build, for a worker, the command line and tests alike; `gpu` is what WebGPU there is. */
export function standardBackends(gpu: GPU | null): Backends {
  return new Backends({ reference: referenceBackend, gpu });
}
