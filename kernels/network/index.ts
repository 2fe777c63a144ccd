/** What the rooms above use of networks. The machine itself is loaded when one is opened. */
export { FAMILIES, ROPE_FACTORS, readArchitecture, readGgufArchitecture } from "./families/index.ts";
export * from "./types.ts";
