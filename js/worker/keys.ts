import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type ExportedJWKSCache,
  jwksCache,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  type JWTVerifyResult,
  jwtVerify,
} from "jose";
import { Problem } from "./problem.js";

/** After a failed fetch the keys are not fetched again for this time. */
const COOLDOWN_MS = 10_000;

/** Keys that cannot be fetched again are used for this time after the last fetch. */
const STALE_MS = 3_600_000;

/** Errors that concern the token; any other error concerns the keys. */
const TOKEN_FAULTS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

type Asked = Parameters<JWTVerifyGetKey>;

/** The keys at a URL. They are fetched when first needed, when they are old, and when a token names a key that is not among them. */
class KeySet {
  /** Filled by jose. */
  readonly #cache: JWKSCacheInput = {};
  readonly #remote: JWTVerifyGetKey;
  #failed = Number.NEGATIVE_INFINITY;

  constructor(url: string) {
    this.#remote = createRemoteJWKSet(new URL(url), { [jwksCache]: this.#cache });
  }

  readonly find: JWTVerifyGetKey = async (...asked) => {
    if (Date.now() - this.#failed < COOLDOWN_MS) {
      return this.#stale(asked);
    }
    try {
      return await this.#remote(...asked);
    } catch (error) {
      if (TOKEN_FAULTS.some((fault) => error instanceof fault)) {
        throw error;
      }
      this.#failed = Date.now();
      return this.#stale(asked);
    }
  };

  /** A key that was fetched before. One that is not among them may be new. */
  async #stale(asked: Asked): Promise<CryptoKey> {
    const { uat = 0, jwks } = this.#cache as Partial<ExportedJWKSCache>;
    if (jwks === undefined || Date.now() - uat > STALE_MS) {
      throw unavailable();
    }
    return createLocalJWKSet(jwks)(...asked).catch((error: unknown) => {
      throw error instanceof errors.JWKSNoMatchingKey ? unavailable() : error;
    });
  }
}

const keySets = new Map<string, KeySet>();

function keySetOf(url: string): KeySet {
  const keys = keySets.get(url) ?? new KeySet(url);
  keySets.set(url, keys);
  return keys;
}

/** Verifies a JWT with the keys at a URL. Throws the errors of jose, and `keys-unavailable` if the fault is in the keys. */
export async function verified(token: string, jwksUrl: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keySetOf(jwksUrl).find, options);
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      return await verifiedByAny(error, token, options);
    }
    // An error that jose does not attribute to the token is caused by an invalid key.
    throw error instanceof Problem || error instanceof errors.JOSEError ? error : unavailable();
  }
}

/** A token that does not name its key may be signed with any key that fits. */
async function verifiedByAny(keys: errors.JWKSMultipleMatchingKeys, token: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  for await (const key of keys) {
    try {
      return await jwtVerify(token, key, options);
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) {
        throw error;
      }
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}

function unavailable(): Problem {
  return new Problem("keys-unavailable", "could not fetch the JWKS", { details: { retryAfter: 5 } });
}
