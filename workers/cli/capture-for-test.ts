import { vi } from "vitest";

/** Runs a command of the line and returns what it wrote. Mocks are left to `vi.restoreAllMocks`. */
export async function captured(command: (args: string[]) => Promise<void>, args: string[]) {
  const written = { out: "", err: "" };
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    written.out += text;
    return true;
  });
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    written.err += text;
    return true;
  });
  await command(args);
  return { ...written, lines: written.out.trimEnd().split("\n") };
}
