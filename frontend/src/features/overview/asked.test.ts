import { expect, it } from "vitest";
import { askedOf, paramsOf } from "./asked";

const read = (text: string) => askedOf(new URLSearchParams(text), ["default", "Mail", "mail"]);

it("comes back as it was, in any case", () => {
  const { asked, misread } = read("range=24H&scale=LOG&queue=Default");
  expect(misread).toEqual([]);
  expect(paramsOf(asked).toString()).toBe("range=24h&scale=log&queue=default");
  expect(paramsOf(read("range=5m").asked).size).toBe(0);
});

it("takes a queue by its very name first", () => {
  expect(read("queue=mail").asked.queue).toBe("mail");
  expect(read("queue=Mail").asked.queue).toBe("Mail");
});

it("tells of a queue that is not there, for all of them would be shown", () => {
  const { asked, misread } = read("queue=mails&range=2h");
  expect(asked.queue).toBe("");
  expect(misread).toEqual([
    { asked: "range=2h", allowed: "one of 5m, 1h, 24h" },
    { asked: "queue=mails", allowed: "one of default, Mail, mail" },
  ]);
});
