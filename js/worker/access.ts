import { errors } from "jose";
import { verified } from "./keys.js";
import { Problem, type WorkerCode } from "./problem.js";
import type { JwtSettings, Settings, TokenSettings } from "./settings.js";

/** The caller, and the sources that it may read. */
export interface Caller {
  /** For the log: the token's name, or the subject of a JWT. */
  name: string | null;
  mayRead(source: string): boolean;
}

/** A longer Authorization header is refused. */
const LONGEST_HEADER = 8192;

/** Signature algorithms with public keys. Shared secrets and unsigned tokens are not accepted. */
const ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"];

/**
 * The caller of an Authorization header; a {@link Problem} if the header is not valid. hono's middleware `bearerAuth` reports only whether a token is right:
 * it cannot return the caller or say that a token has expired, and it answers a malformed header with 400 instead of 401.
 */
export async function callerOf(authorization: string | undefined, settings: Settings, now: Date): Promise<Caller> {
  if (authorization === undefined) {
    throw denied("token-missing", "expected the header `Authorization: Bearer <token>`");
  }
  if (authorization.length > LONGEST_HEADER) {
    throw new Problem("header-too-large", `the Authorization header is longer than ${LONGEST_HEADER} characters`);
  }
  const token = /^Bearer +([\w\-.~+/]+=*)$/i.exec(authorization)?.[1];
  if (token === undefined) {
    throw denied("token-invalid", "expected the header `Authorization: Bearer <token>`");
  }
  const known = await tokenOf(token, settings.tokens);
  if (known !== undefined) {
    if (known.expires !== undefined && now.getTime() >= known.expires) {
      throw denied("token-expired", "this token has expired");
    }
    return { name: known.name ?? null, mayRead: readerOf(known.sources) };
  }
  if (settings.jwt === undefined || token.split(".").length !== 3) {
    throw denied("token-invalid", "this token is not known");
  }
  return await callerOfJwt(token, settings.jwt, now);
}

/** Compares every entry to its last byte, so that the time says nothing about the similarity of a guess. */
async function tokenOf(token: string, tokens: readonly TokenSettings[]): Promise<TokenSettings | undefined> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token)));
  let found: TokenSettings | undefined;
  for (const candidate of tokens) {
    let difference = 0;
    for (let i = 0; i < digest.length; i++) {
      difference |= digest[i]! ^ candidate.digest[i]!;
    }
    found = difference === 0 ? candidate : found;
  }
  return found;
}

/** A longer subject is cut in the log. */
const LONGEST_NAME = 64;

/** Clocks may differ by so many seconds. */
const CLOCK_TOLERANCE = 5;

async function callerOfJwt(token: string, { jwksUrl, issuer, audience }: JwtSettings, now: Date): Promise<Caller> {
  try {
    const { payload } = await verified(token, jwksUrl, {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      requiredClaims: ["exp"],
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: now,
    });
    // The value of a claim may have any type, whatever its declaration is.
    const subject: unknown = payload.sub;
    const name = typeof subject === "string" ? subject.slice(0, LONGEST_NAME) : null;
    return { name, mayRead: readerOf(sourcesOf(payload.sources)) };
  } catch (error) {
    if (error instanceof errors.JWTExpired) {
      throw denied("token-expired", "this token has expired");
    }
    if (error instanceof errors.JOSEError) {
      throw denied("token-invalid", "invalid token");
    }
    throw error;
  }
}

/** The claim `sources`: an array of names, or names separated by spaces. */
function sourcesOf(claim: unknown): readonly string[] {
  if (Array.isArray(claim)) {
    return claim.filter((name) => typeof name === "string");
  }
  return typeof claim === "string" ? claim.split(" ") : [];
}

function readerOf(sources: readonly string[]): Caller["mayRead"] {
  return (source) => sources.includes("*") || sources.includes(source);
}

function denied(code: WorkerCode, detail: string): Problem {
  const reason = code === "token-missing" ? "" : `, error="invalid_token", error_description="${detail.replaceAll('"', "'")}"`;
  return new Problem(code, detail, { headers: { "WWW-Authenticate": `Bearer realm="meterglot"${reason}` } });
}
