const { convert } = require("meterglot");

console.log(convert("1", "GiBy", "By"));
