import type { AccessToken, RemoteListing } from "../../sources/spec.ts";
import type { Job, Place } from "../job.ts";

export interface ListRequest extends Place {
  address: string;
  token: AccessToken | null;
}

/** What an address leads to: one file, or the checkpoints of a repository. Of files nothing is read. */
export const list: Job<ListRequest, RemoteListing> = {
  async work({ address, token }, _, { signal }) {
    const { listAddress } = await import("../../sources/remote/open-remote.ts");
    return listAddress(address, { signal, ...(token && { token }) });
  },
};
