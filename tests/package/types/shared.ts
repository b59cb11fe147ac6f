// The package's types against the public contract. The package may accept more than the contract says, and export more; it never accepts or gives less.
import type * as ours from "meterglot";
import type * as contract from "../../../../shared/api.js";

// Values: what the package gives is what the contract promises.
declare const given: typeof ours;
export const promised: typeof contract = given;

/** True if two types are identical, not merely assignable to each other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** A type of the contract whose provider and format may also be those of a descriptor, as descriptor.d.ts adds to the contract. */
type Open<T> = {
  [Name in keyof T]: Name extends "provider" ? ours.Provider | Extract<T[Name], null> : Name extends "format" ? ours.Format | Extract<T[Name], null> : T[Name];
};

/** Types with nothing else added to them. */
interface Pairs {
  AggregateRow: [ours.AggregateRow, contract.AggregateRow];
  Body: [ours.Body, contract.Body];
  Check: [ours.Check, contract.Check];
  Decimal: [ours.Decimal, contract.Decimal];
  Detection: [ours.Detection, Open<contract.Detection>];
  Dictionary: [ours.Dictionary, contract.Dictionary];
  ErrorCode: [ours.ErrorCode, contract.ErrorCode];
  GroupKey: [ours.GroupKey, contract.GroupKey];
  Issue: [ours.Issue, contract.Issue];
  Kind: [ours.Kind, contract.Kind];
  Limits: [ours.Limits, contract.Limits];
  MeterglotError: [ours.MeterglotError, Open<contract.MeterglotError>];
  Note: [ours.Note, contract.Note];
  PageInfo: [ours.PageInfo, contract.PageInfo];
  ParsedDocument: [ours.ParsedDocument, Open<contract.ParsedDocument>];
  ProviderRequest: [ours.ProviderRequest, contract.ProviderRequest];
  Reducer: [ours.Reducer, contract.Reducer];
  RequestContext: [ours.RequestContext, contract.RequestContext];
  Timestamp: [ours.Timestamp, contract.Timestamp];
  Unit: [ours.Unit, contract.Unit];
  UsageRecord: [ours.UsageRecord, Open<contract.UsageRecord>];
  Window: [ours.Window, contract.Window];
}
type Different = { [Name in keyof Pairs]: Same<Pairs[Name][0], Pairs[Name][1]> extends true ? never : Name }[keyof Pairs];
/** Does not compile where a pair differs, and names it. */
export const different: [Different] extends [never] ? null : Different = null;

// Every name of the contract is one of ours.
export const provider: ours.Provider = null! as contract.Provider;
export const format: ours.Format = null! as contract.Format;

// What a caller writes by the contract, the package takes, field by field.
declare const options: Required<contract.ReadOptions>;
export const takenOptions: ours.ReadOptions = options;
declare const spec: Required<contract.AggregateSpec>;
export const takenSpec: ours.AggregateSpec = spec;
// What the package gives does all that the contract says.
declare const table: ours.UsageTable;
export const givenTable: contract.UsageTable = table;
