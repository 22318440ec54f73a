/** The language and the theme that the person sees: those of the browser, until others are chosen. Both are kept. */
import { computed, effect, type Signal, signal } from "@preact/signals";
import { EN, type Words } from "./en.ts";
import { ZH } from "./zh.ts";

/** A language of the page. */
export type Language = "en" | "zh";

/** A theme; `auto` is the browser's. */
export type Theme = "auto" | "dark" | "light";

const LANGUAGE_ITEM = "listenkey.language";
const THEME_ITEM = "listenkey.theme";

/** The language. */
export const language: Signal<Language> = signal(firstLanguage());

const theme: Signal<Theme> = signal(firstTheme());

/** The words to show. */
export const words = computed<Words>(() => (language.value === "zh" ? ZH : EN));

const browserIsLight = matchMedia("(prefers-color-scheme: light)");
const lightness = signal(browserIsLight.matches);
browserIsLight.addEventListener("change", ({ matches }) => {
  lightness.value = matches;
});

/** Is the page light now? */
export const isLight = computed(() => (theme.value === "auto" ? lightness.value : theme.value === "light"));

effect(() => {
  document.documentElement.lang = language.value === "zh" ? "zh-CN" : "en";
});

effect(() => {
  document.documentElement.dataset.theme = isLight.value ? "light" : "dark";
});

/** Chooses a language, for the next visits too. */
export function chooseLanguage(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(LANGUAGE_ITEM, chosen);
}

/** Chooses a theme, for the next visits too. */
export function chooseTheme(chosen: Theme): void {
  theme.value = chosen;
  localStorage.setItem(THEME_ITEM, chosen);
}

function firstLanguage(): Language {
  const kept = localStorage.getItem(LANGUAGE_ITEM);
  if (kept === "en" || kept === "zh") return kept;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}

function firstTheme(): Theme {
  const kept = localStorage.getItem(THEME_ITEM);
  return kept === "dark" || kept === "light" ? kept : "auto";
}
