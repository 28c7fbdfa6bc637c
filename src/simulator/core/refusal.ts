/** An answer that is not a success: HTTP status with ONTAP's code and message. Thrown by checks and effects. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly target: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    code: string | number,
    message: string,
    target?: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = String(code);
    this.target = target;
    this.headers = headers;
  }
}

/** The body of an error; it may say more than the error. */
export const errorBody = (
  { message, code, target }: Refusal,
  more: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> => ({
  ...more,
  error: { message, code, ...(target === undefined ? {} : { target }) },
});

// Codes that any endpoint can answer with; the texts are ONTAP's where clients match them.
export const noEntry = (target?: string) => new Refusal(404, 4, "entry doesn't exist", target);
export const unknownPath = () => new Refusal(404, 3, 'API not found');
export const wrongMethod = (method: string, allowed: readonly string[]) =>
  new Refusal(405, 3, `The ${method} operation is not supported on this path.`, undefined, {
    Allow: allowed.join(', '),
  });
export const notSimulated = (what: string) => new Refusal(501, 3, `${what} is not simulated`);
export const unexpectedArgument = (name: string) => new Refusal(400, 262179, `Unexpected argument "${name}".`, name);
export const notSettable = (name: string) =>
  new Refusal(400, 262196, `Field "${name}" cannot be set in this operation`, name);
export const notInPatch = (name: string) =>
  new Refusal(400, 262203, `Field "${name}" is not supported in the body of PATCH requests`, name);
export const missingValue = (name: string) => new Refusal(400, 262212, `Field "${name}" requires a value`, name);
export const invalidValue = (value: string, name: string, wanted: string) =>
  new Refusal(400, 262197, `The value "${value}" is invalid for field "${name}" (<${wanted}>)`, name);
export const givenTwice = (name: string) => new Refusal(400, 262188, `Field "${name}" was specified twice`, name);
export const unauthorized = () => new Refusal(401, 6691623, 'User is not authorized.');
export const forbidden = () => new Refusal(403, 6, 'not authorized for that command');
