// Answers a line of JSON, {"calls": [simulation, …]}, with a line: for each call "Allowed", "ImplicitlyDenied",
// "ExplicitlyDenied", or an object with the errors of the call.
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'

const { runSimulation } = await import(pathToFileURL(process.argv[2]))

async function answer(simulation) {
  const found = await runSimulation(simulation, {})
  return found.resultType === 'error' ? found.errors : found.overallResult
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = []
  for (const simulation of JSON.parse(line).calls) answers.push(await answer(simulation))
  process.stdout.write(JSON.stringify(answers) + '\n')
}
