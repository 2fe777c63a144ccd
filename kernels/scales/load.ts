/** The search of plans that look at whole blocks: loaded with the first that has one. */
export const loadSearch = () => import("./search.ts");
