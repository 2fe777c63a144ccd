import type { Architecture, Network, NetworkOptions } from "../types.ts";
import { openDevice } from "./device.ts";
import { JaxNetwork } from "./network.ts";

/** A network on jax-js. Rejects with NetworkLostError where the device is not there, or was lost before. */
export async function open(
  architecture: Architecture,
  { device, gpu, order = "usual" }: NetworkOptions,
): Promise<Network> {
  return new JaxNetwork(architecture, await openDevice(device, gpu), order);
}
