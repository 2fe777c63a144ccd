/** Proxies that need no training, and costs measured on the device. */
import type { Paper } from "../paper.ts";

export const proxies: readonly Paper[] = [];
