/** The version of the gateway that this was built with. */
declare const __WEIR_VERSION__: string;
