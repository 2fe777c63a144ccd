/** What the rooms above use of networks. */
export * from "./types.ts";
