/** A recipe as another tool is told to do it. */
export interface ToolConfig {
  target: "llama.cpp" | "llm-compressor";
  /** A command or a file to copy; `null` where the tool has nothing like it, which the note explains. */
  text: string | null;
  /** Whether format, blocks, scale rule and scale storage are all the tool's own. */
  exact: boolean;
  /** What differs, or what to know. */
  note: string;
}
