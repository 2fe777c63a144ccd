/** How rows are searched: the options of the panel, in the experiment and in its link. */
import type { Nearness } from "../../../kernels/embeddings/index.ts";
import { choice, count, text } from "../../link/fields.ts";
import type { LinkPart } from "../../link/scheme.ts";
import { createPart } from "../../state/part.ts";

export interface NeighboursOptions {
  by: Nearness;
  /** Numbers of neighbours, with commas between them. */
  k: string;
  queries: number;
  /** Principal components that are kept; 0 for all columns as they are. */
  keep: number;
}

const initial: NeighboursOptions = { by: "cosine", k: "1,10,100", queries: 256, keep: 0 };

export const neighboursPart = createPart("neighbours", initial, { keep: "matrix" });

export const neighboursLink: LinkPart<NeighboursOptions> = {
  part: neighboursPart,
  what: "the search for neighbours",
  fields: {
    by: choice("nb", "what near means", ["cosine", "dot", "distance"]),
    k: text("nk", "the numbers of neighbours"),
    queries: count("nq", "the queries", 4096),
    keep: count("nc", "the components kept", 65536),
  },
};
