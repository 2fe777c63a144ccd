/** Imports the whole vocabulary, so that every name is known from then on. Programs begin with it. */
import "../scales/rules/index.ts";
import "../steps/index.ts";
