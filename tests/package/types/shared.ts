// The package's types against the public contract. The package may accept more than the contract says, and export more; it never accepts or gives less.
import type * as ours from "meterglot";
import type * as contract from "../../../../shared/api.js";

// Values: what the package gives is what the contract promises.
declare const given: typeof ours;
export const promised: typeof contract = given;

/** True if two types are identical, not merely assignable to each other. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Types with nothing added to them. */
interface Pairs {
  AggregateRow: [ours.AggregateRow, contract.AggregateRow];
  Body: [ours.Body, contract.Body];
  Check: [ours.Check, contract.Check];
  Decimal: [ours.Decimal, contract.Decimal];
  Detection: [ours.Detection, contract.Detection];
  Dictionary: [ours.Dictionary, contract.Dictionary];
  ErrorCode: [ours.ErrorCode, contract.ErrorCode];
  Format: [ours.Format, contract.Format];
  GroupKey: [ours.GroupKey, contract.GroupKey];
  Issue: [ours.Issue, contract.Issue];
  Kind: [ours.Kind, contract.Kind];
  Limits: [ours.Limits, contract.Limits];
  MeterglotError: [ours.MeterglotError, contract.MeterglotError];
  Note: [ours.Note, contract.Note];
  PageInfo: [ours.PageInfo, contract.PageInfo];
  ParsedDocument: [ours.ParsedDocument, contract.ParsedDocument];
  Provider: [ours.Provider, contract.Provider];
  ProviderRequest: [ours.ProviderRequest, contract.ProviderRequest];
  Reducer: [ours.Reducer, contract.Reducer];
  RequestContext: [ours.RequestContext, contract.RequestContext];
  Timestamp: [ours.Timestamp, contract.Timestamp];
  Unit: [ours.Unit, contract.Unit];
  UsageRecord: [ours.UsageRecord, contract.UsageRecord];
  Window: [ours.Window, contract.Window];
}
type Different = { [Name in keyof Pairs]: Same<Pairs[Name][0], Pairs[Name][1]> extends true ? never : Name }[keyof Pairs];
/** Does not compile where a pair differs, and names it. */
export const different: [Different] extends [never] ? null : Different = null;

// What a caller writes by the contract, the package takes, field by field.
declare const options: Required<contract.ReadOptions>;
export const takenOptions: ours.ReadOptions = options;
declare const spec: Required<contract.AggregateSpec>;
export const takenSpec: ours.AggregateSpec = spec;
// What the package gives does all that the contract says.
declare const table: ours.UsageTable;
export const givenTable: contract.UsageTable = table;
