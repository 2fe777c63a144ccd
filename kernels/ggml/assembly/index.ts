// The searches of ../search.ts, ../encode-levels.ts, ../search-grid.ts and ../encode-iq1.ts in float32 itself: every operation rounded,
// in the same order, so that bytes are the same. What they work on lies in areas that ../fast.ts fills and reads.

export { codesAt, floatsAt, valuesAt, weightsAt } from "./areas";
export { makeGrid, pointsOf, searchGrid } from "./grid";
export { searchLevels } from "./levels";
export { descendAll, roundAll, searchAffine, searchPositive, searchSymmetric } from "./scales";
export { splitSixteen, splitThirtyTwo } from "./split";
