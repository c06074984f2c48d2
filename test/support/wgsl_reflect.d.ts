// The file that Node can load; the package's `main` is CommonJS marked as a module.
declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
