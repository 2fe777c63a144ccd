/** The GPU went away (driver reset, laptop switched cards, device destroyed): the caller computes elsewhere. */
export class DeviceLostError extends Error {
  override name = "DeviceLostError";
}

/** The GPU refused something that it should not have: a bug here or there, or memory that ran out. */
export class GpuError extends Error {
  override name = "GpuError";
}
