/** All that the types with grids need and that no page loads before it meets one: tables, decoders, quantizers. */
export { encodeIq2_s, encodeIq2_xs, encodeIq2_xxs, encodeIq3_s, encodeIq3_xxs } from "./encode-grid.ts";
export { encodeIq1_m, encodeIq1_s } from "./encode-iq1.ts";
export * from "./grid-codes.ts";
export { iq1_m, iq1_s, iq2_s, iq2_xs, iq2_xxs, iq3_s, iq3_xxs } from "./iq.ts";
