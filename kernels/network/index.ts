/** What the rooms above use of networks. The machine itself is loaded when one is opened. */
import type { Architecture, Network, NetworkOptions } from "./types.ts";

export { FAMILIES, ROPE_FACTORS, readArchitecture, readGgufArchitecture } from "./families/index.ts";
export * from "./types.ts";

/** A machine for an architecture. Rejects with NetworkLostError where its device is not there. */
export async function openNetwork(architecture: Architecture, options: NetworkOptions): Promise<Network> {
  const { open } = await import("./machine/open.ts");
  return open(architecture, options);
}
