/** An error whose message is a sentence for the person in front of the page. */
export class UserError extends Error {
  override name = "UserError";
}
