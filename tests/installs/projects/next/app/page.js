import { usage } from "../usage.js";
import Client from "./client.js";

export const dynamic = "force-dynamic";

export default async function Page() {
  return (
    <>
      <p id="server">{await usage()}</p>
      <Client />
    </>
  );
}
