// The mutants of a source file: small changes of its syntax tree, each of which some test should notice.
import { parseSync } from "vite";

const BINARY = {
  "<": ["<=", ">="],
  "<=": ["<", ">"],
  ">": [">=", "<="],
  ">=": [">", "<"],
  "===": ["!=="],
  "!==": ["==="],
  "+": ["-"],
  "-": ["+"],
  "*": ["/"],
  "/": ["*"],
  "<<": [">>"],
  ">>>": ["<<"],
  ">>": ["<<"],
  "&": ["|"],
  "|": ["&"],
};
const ASSIGNED = { "+=": "-=", "-=": "+=", "*=": "/=", "|=": "&=" };
const CALLED = { min: "max", max: "min", floor: "ceil", ceil: "floor", some: "every", every: "some" };

/** The place of an operator between two nodes, past comments or brackets. */
function operatorSpan(text, left, right, operator) {
  const at = text.indexOf(operator, left.end);
  return at >= 0 && at < right.start ? [at, at + operator.length] : null;
}

/** Changes at one node: [start, end, replacement] each. */
function changesAt(node, text) {
  const whole = (by) => [node.start, node.end, by];
  const source = ({ start, end }) => text.slice(start, end);
  switch (node.type) {
    case "BinaryExpression": {
      const strings = [node.left, node.right].some((n) => n.type === "TemplateLiteral" || typeof n.value === "string");
      if (strings && node.operator === "+") return [];
      const span = operatorSpan(text, node.left, node.right, node.operator);
      return span ? (BINARY[node.operator] ?? []).map((by) => [...span, by]) : [];
    }
    case "LogicalExpression": {
      const by = { "&&": "||", "||": "&&", "??": "&&" }[node.operator];
      const span = operatorSpan(text, node.left, node.right, node.operator);
      return span
        ? [[...span, by]]
            .filter(() => node.operator !== "??")
            .concat(node.operator === "??" ? [whole(source(node.left))] : [])
        : [];
    }
    case "ConditionalExpression":
      return [whole(`(${source(node.consequent)})`), whole(`(${source(node.alternate)})`)];
    case "IfStatement":
      return [
        [node.test.start, node.test.end, "true"],
        [node.test.start, node.test.end, "false"],
      ];
    case "UnaryExpression":
      return node.operator === "!" || node.operator === "-" ? [whole(source(node.argument))] : [];
    case "UpdateExpression":
      return [whole(source(node).replace(/\+\+|--/, (sign) => (sign === "++" ? "--" : "++")))];
    case "AssignmentExpression": {
      const by = ASSIGNED[node.operator];
      const span = by && operatorSpan(text, node.left, node.right, node.operator);
      return span ? [[...span, by]] : [];
    }
    case "CallExpression": {
      const name = node.callee.type === "MemberExpression" ? node.callee.property : null;
      const by = name && CALLED[name.name];
      return by ? [[name.start, name.end, by]] : [];
    }
    case "ExpressionStatement":
      return node.expression.type === "CallExpression" ? [whole(";")] : [];
    case "Literal":
      if (typeof node.value === "boolean") return [whole(String(!node.value))];
      if (typeof node.value === "number") return [whole(String(node.value + 1))];
      // Words decide; sentences are for people.
      return typeof node.value === "string" && /^[A-Za-z-]+( zero)?$/.test(node.value) ? [whole('"mutant"')] : [];
    default:
      return [];
  }
}

/** Properties that hold what people read. */
const READ = new Set(["label", "unit", "describe", "what"]);

/** Types, imports and what stands for the compiler alone have no mutants. */
const passedOver = (node) =>
  node.type.startsWith("TS") && !["TSAsExpression", "TSNonNullExpression", "TSSatisfiesExpression"].includes(node.type);

/** All mutants of a file, in the order of its text: { start, end, by, line, was }. */
export function mutantsOf(path, text) {
  const { program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0].message}`);
  const found = [];
  const visit = (node, key) => {
    if (!node || typeof node !== "object") return;
    if (Array.isArray(node)) {
      for (const one of node) visit(one, key);
      return;
    }
    if (typeof node.type !== "string" || node.type === "ImportDeclaration" || passedOver(node)) return;
    if (node.type === "Property" && READ.has(node.key.name) && node.value.type === "Literal") return;
    // Names of properties are no values.
    if (!(key === "key" && node.type === "Literal")) {
      for (const [start, end, by] of changesAt(node, text)) found.push({ start, end, by });
    }
    for (const [name, child] of Object.entries(node)) {
      if (name === "typeAnnotation" || name === "typeArguments" || name === "typeParameters" || name === "returnType")
        continue;
      visit(child, name);
    }
  };
  visit(program, "");
  found.sort((a, b) => a.start - b.start || a.end - b.end);
  return found.map((mutant) => ({
    ...mutant,
    line: text.slice(0, mutant.start).split("\n").length,
    was: text.slice(mutant.start, mutant.end).replace(/\s+/g, " ").slice(0, 60),
  }));
}
