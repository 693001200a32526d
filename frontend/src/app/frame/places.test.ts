import { describe, expect, it } from "vitest";
import { placeOf, placesFor, PLACES } from "./places";

const names = (isAdmin: boolean, isClient: boolean) =>
  placesFor({ isAdmin, isClient }).map(({ name }) => name);

describe("placesFor", () => {
  it("shows all to administrators, who may submit too", () => {
    expect(names(true, true)).toEqual(PLACES.map(({ name }) => name));
  });

  it("shows no users to clients", () => {
    expect(names(false, true)).not.toContain("Users");
    expect(names(false, true)).toContain("Schedules");
  });

  it("shows no tasks to those who only work", () => {
    for (const name of ["Tasks", "Submit", "Schedules", "Users"])
      expect(names(false, false)).not.toContain(name);
    expect(names(false, false)).toContain("Queues");
  });
});

describe("PLACES", () => {
  it("gives each place a letter of its own", () => {
    expect(new Set(PLACES.map(({ key }) => key)).size).toBe(PLACES.length);
  });

  it("finds the place of what lies below it", () => {
    expect(placeOf("/queues/default")?.name).toBe("Queues");
    expect(placeOf("/queuesque")).toBeUndefined();
  });
});
