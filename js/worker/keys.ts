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

/** After a fetch that failed the keys are not asked for again for so long. */
const COOLDOWN_MS = 10_000;

/** Keys that cannot be fetched anew are used for so long after they were. */
const STALE_MS = 3_600_000;

/** What says something of the token; anything else that goes wrong with keys says nothing of it. */
const TOKEN_FAULTS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

type Asked = Parameters<JWTVerifyGetKey>;

/** The keys behind a URL: fetched when first needed, when they are old, and when a token names one that is not among them. */
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

  /** A key that was fetched before. One that is not among those may be new. */
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

/** Checks a JWT with the keys behind a URL. Throws what jose throws, and `keys-unavailable` where the keys are at fault. */
export async function verified(token: string, jwksUrl: string, options: JWTVerifyOptions): Promise<JWTVerifyResult> {
  try {
    return await jwtVerify(token, keySetOf(jwksUrl).find, options);
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) {
      return await verifiedByAny(error, token, options);
    }
    // What jose does not know as a fault of the token comes of a key that is none.
    throw error instanceof Problem || error instanceof errors.JOSEError ? error : unavailable();
  }
}

/** A token that does not name its key may be signed with any that fits. */
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
