"use client";
import { useEffect, useState } from "react";
import { usage } from "../usage.js";

export default function Client() {
  const [text, setText] = useState("");
  useEffect(() => {
    usage().then(setText, (error) => setText(`failed: ${error.message}`));
  }, []);
  return <p id="client">{text}</p>;
}
