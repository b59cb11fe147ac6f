/** What was typed into the fields of a form, by their names, without the blanks around it. */
export function typedInto(form: HTMLFormElement): (name: string) => string {
  const said = new FormData(form);
  return (name) => String(said.get(name) ?? "").trim();
}
